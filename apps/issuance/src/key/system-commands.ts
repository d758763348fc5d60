/** Commands on keys that our own services send of what they have seen, as they arrive. For `system` alone. */
import type {
  Positioned,
  RecordExposureInput,
  RecordKeyExpiryInput,
  RecordSecretSeenInput,
  ReportCredentialsInput,
  ReportCredentialsOutput,
} from '@mcpstack/contracts';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  Min,
  ValidateNested,
} from 'class-validator';
import { Envelope, IsIdOf, Nested } from '../envelope.ts';
import { IsDigest } from './terms.ts';

const MAX_CREDENTIALS = 1_000;
const LIST = `must be a list of 1 to ${MAX_CREDENTIALS} credentials`;

class KeyBody implements RecordExposureInput, RecordKeyExpiryInput {
  @IsIdOf('organization')
  organizationId!: string;

  @IsIdOf('key')
  keyId!: string;
}

class CredentialBody extends KeyBody {
  @IsDigest()
  digest!: string;
}

class ReportCredentialsBody implements ReportCredentialsInput {
  @ArrayMaxSize(MAX_CREDENTIALS, { message: LIST })
  @ArrayMinSize(1, { message: LIST })
  @IsArray({ message: LIST })
  @IsObject({ each: true, message: LIST })
  @ValidateNested({ each: true })
  @Type(() => CredentialBody)
  credentials!: CredentialBody[];

  @IsIn(['holder', 'github'], { message: 'must be holder or github' })
  source!: ReportCredentialsInput['source'];
}

class SecretSeenBody extends KeyBody implements RecordSecretSeenInput {
  @IsInt({ message: 'must be the version of a secret' })
  @Min(1, { message: 'must be the version of a secret' })
  version!: number;
}

export class ReportCredentialsCommand extends Envelope<ReportCredentialsOutput> {
  @Nested(() => ReportCredentialsBody)
  input!: ReportCredentialsBody;
}

export class RecordExposureCommand extends Envelope<Positioned> {
  @Nested(() => KeyBody)
  input!: KeyBody;
}

export class RecordKeyExpiryCommand extends Envelope<Positioned> {
  @Nested(() => KeyBody)
  input!: KeyBody;
}

export class RecordSecretSeenCommand extends Envelope<Positioned> {
  @Nested(() => SecretSeenBody)
  input!: SecretSeenBody;
}
