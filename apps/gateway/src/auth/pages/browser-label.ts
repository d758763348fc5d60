/** What a person's list of sessions calls a browser. */
import Bowser from 'bowser';

const MAX_HEADER_LENGTH = 512;
const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,40}$/;

/** Such as `Firefox on Linux`; never the header as it was. */
export function browserLabel(userAgent: string | undefined): string {
  if (userAgent === undefined || userAgent.length === 0 || userAgent.length > MAX_HEADER_LENGTH)
    return 'a browser';
  const { browser, os } = Bowser.parse(userAgent);
  const [name, system] = [browser.name, os.name].map((one) => (one && NAME.test(one) ? one : undefined));
  if (name === undefined) return 'a browser';
  return system === undefined ? name : `${name} on ${system}`;
}
