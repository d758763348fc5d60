/** When and whence a key was used last, as answers show it; of keys of both kinds. */
import type { ApiKey, LastUsedFrom } from '@mcpstack/contracts';
import { ApiPropertyOptional } from '@nestjs/swagger';

/** Where the latest use came from that told it: never an address or a User-Agent header as it was. */
export class LastUsedFromAnswer implements LastUsedFrom {
  @ApiPropertyOptional({
    example: '203.0.113.0/24',
    description: 'The network of the address: an IPv4 /24 or an IPv6 /48.',
  })
  addressPrefix?: string;

  @ApiPropertyOptional({ example: 'Firefox', description: 'The family of the user agent.' })
  userAgent?: string;
}

type LastUse = Pick<ApiKey, 'lastUsedAt' | 'lastUsedFrom'>;

/** Both fields, where they are known. */
export function lastUseAnswer({ lastUsedAt, lastUsedFrom }: LastUse): LastUse {
  return {
    ...(lastUsedAt !== undefined && { lastUsedAt }),
    ...(lastUsedFrom && { lastUsedFrom: lastUsedFromAnswer(lastUsedFrom) }),
  };
}

function lastUsedFromAnswer({ addressPrefix, userAgent }: LastUsedFrom): LastUsedFromAnswer {
  return {
    ...(addressPrefix !== undefined && { addressPrefix }),
    ...(userAgent !== undefined && { userAgent }),
  };
}
