/** What a witness signs (C2SP tlog-cosignature, v1): the whole checkpoint, and when it saw it. */

/** The message of a cosignature: two lines of its own, then the checkpoint's text. */
export function cosignedMessage(text: string, timestampSeconds: number): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${timestampSeconds}\n${text}`);
}
