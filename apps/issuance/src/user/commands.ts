/** Commands on people's profiles, as they arrive. */
import type { ChangeProfileInput, EraseProfileInput, Positioned } from '@mcpstack/contracts';
import { IsBoolean } from 'class-validator';
import { Envelope, IsIdOf, IsName, MayBeAbsent, Nested } from '../envelope.ts';
import { IsEmailAddress, UnlessEmpty } from '../fields.ts';

class ChangeProfileBody implements ChangeProfileInput {
  @UnlessEmpty()
  @IsName()
  name?: string;

  @UnlessEmpty()
  @IsEmailAddress()
  email?: string;

  @MayBeAbsent()
  @IsBoolean()
  atLogin?: boolean;
}

class EraseProfileBody implements EraseProfileInput {
  @IsIdOf('user')
  userId!: string;
}

export class ChangeProfileCommand extends Envelope<Positioned> {
  @Nested(() => ChangeProfileBody)
  input!: ChangeProfileBody;
}

export class EraseProfileCommand extends Envelope<Positioned> {
  @Nested(() => EraseProfileBody)
  input!: EraseProfileBody;
}
