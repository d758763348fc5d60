// The options of npm start, read before anything is installed.
import { parseArgs } from 'node:util';

export const HELP = `Usage: npm start -- [options]

Installs, builds and starts MCPStack Keys on this machine with NATS and Redis of its own, runs the main
job once (create a key, verify it, revoke it, see it refused), and stays up until Ctrl-C.

  --check            run the main job once, stop everything, exit 0 or 1
  --data DIR         keep data, secrets and logs here (.mcpstack/data)
  --port N           serve HTTP on this port (8080, or the next free one)
  --authorizers N    run this many authorizers (1)
  --help             show this

NATS_URL, REDIS_URL and EVENT_STORE_URL, where set, are used instead of servers of our own.
Where everything is stands in .mcpstack/local.json.
`;

const SPEC = {
  check: { type: 'boolean', default: false },
  data: { type: 'string' },
  port: { type: 'string' },
  authorizers: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
};

/** `{ options }`, or `{ problem }` with one sentence. */
export function readOptions(args) {
  let values;
  try {
    values = parseArgs({ args, options: SPEC, allowPositionals: false }).values;
  } catch (error) {
    return { problem: `${error.message.split(/\.\s/)[0].replace(/\.$/, '')}: see npm start -- --help.` };
  }
  const { check, help, data } = values;
  const port = wholeNumber(values.port, 1, 65_535);
  const authorizers = wholeNumber(values.authorizers ?? '1', 1, 64);
  if (values.port !== undefined && port === undefined) {
    return { problem: '--port must be a number from 1 to 65535.' };
  }
  if (authorizers === undefined) return { problem: '--authorizers must be a number from 1 to 64.' };
  if (data === '') return { problem: '--data needs the path of a folder.' };
  return { options: { check, help, data, port, authorizers } };
}

function wholeNumber(text, least, most) {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= least && number <= most ? number : undefined;
}
