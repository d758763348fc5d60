/** One request to a witness (C2SP tlog-witness): what it saw last, the proof from there, and the checkpoint. */
import { parseNote, verifyNote, type Verifier } from '@mcpstack/tlog';

/** A cosignature is some hundred bytes. */
const MOST_ANSWER_BYTES = 64 * 1024;

export interface Submission {
  /** Before `/add-checkpoint`. */
  url: string;
  /** The size that the witness saw last. */
  oldSize: number;
  proof: readonly Buffer[];
  note: string;
  timeoutMs: number;
}

export type WitnessAnswer =
  /** Signature lines as they came; to be verified by `cosignaturesOf`. */
  | { kind: 'signed'; lines: string }
  /** It has seen this size: the proof has to begin there. */
  | { kind: 'stands-at'; size: number }
  | { kind: 'refused'; status: number };

/** @throws when no answer comes, or none that is bounded and in the protocol. */
export async function addCheckpoint(submission: Submission): Promise<WitnessAnswer> {
  const { url, oldSize, proof, note, timeoutMs } = submission;
  const lines = proof.map((hash) => `${hash.toString('base64')}\n`);
  const response = await fetch(`${url}/add-checkpoint`, {
    method: 'POST',
    body: `old ${oldSize}\n${lines.join('')}\n${note}`,
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await boundedText(response);
  if (response.status === 200) return { kind: 'signed', lines: text };
  if (response.status !== 409) return { kind: 'refused', status: response.status };
  const size = Number(text);
  if (!/^(0|[1-9][0-9]{0,15})\n?$/.test(text) || !Number.isSafeInteger(size))
    throw new Error('a witness answered 409 without the size that it has');
  return { kind: 'stands-at', size };
}

/** The cosignatures in a witness's answer, each checked. @throws TlogError when none is by one of these keys, or one is wrong. */
export function cosignaturesOf(note: string, lines: string, witnesses: readonly Verifier[]): string[] {
  const { text } = parseNote(note);
  return verifyNote(`${text}\n${lines}`, witnesses).verified.map(({ line }) => line);
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES)
      throw new Error(`a witness answered with more than ${MOST_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
