/** `npm start` once everything is built: starts all, proves that it works, and stays up. */
import { join, resolve } from 'node:path';
import { ensureServers, makeDataFolder, Stack, type ServerKind } from '@mcpstack/local-servers';
import { choosePort, readEndpoints } from './endpoints.ts';
import { explain, whenSomethingEnds } from './failures.ts';
import { readOwnerSecrets, writeLocalFile, writeOwnerSecrets, type OwnerSecrets } from './local-file.ts';
import { lockFolder } from './lock.ts';
import { connectNats, createKey, isValid, logIn, logOut, runMainJob, type Product } from './main-job.ts';
import type { Progress } from './progress.ts';
import { listenForStop } from './stop-signal.ts';
import { describeJob, summary } from './summary.ts';

export interface StartOptions {
  root: string;
  env: NodeJS.ProcessEnv;
  check: boolean;
  data?: string;
  port?: number;
  authorizers: number;
  /** When the command began, on the clock of `performance.now()`. */
  begunMs: number;
}

const OWNER = { email: 'owner@localhost', organization: 'My organization' };

/** Runs until a signal or a failure, and answers the exit code. Nothing is left running. */
export async function start(options: StartOptions, progress: Progress): Promise<number> {
  const stop = listenForStop();
  let stack: Stack | undefined;
  const work = async (): Promise<void> => {
    const dataDir = dataFolder(options);
    await lockFolder(dataDir);
    stack = await stop.unlessStopped(makeStack(options, dataDir, progress));
    await stop.unlessStopped(startStack(stack, progress));
    const ended = whenSomethingEnds(stack);
    await Promise.race([useIt(stack, options, progress), ended]);
    if (!options.check) await ended;
  };
  try {
    await Promise.race([work(), stop.received]);
    return stop.signal && options.check ? 1 : 0;
  } catch (error) {
    return explain(error, progress);
  } finally {
    if (stack) await stopStack(stack, progress, stop.signal);
  }
}

function dataFolder({ root, env, data }: StartOptions): string {
  // npm runs us in the root of the repository; INIT_CWD is where the person stands.
  const path = data === undefined ? join(root, '.mcpstack', 'data') : resolve(env.INIT_CWD ?? '.', data);
  return makeDataFolder(path);
}

async function makeStack(options: StartOptions, dataDir: string, progress: Progress): Promise<Stack> {
  const { root, env, port, authorizers } = options;
  const endpoints = await readEndpoints(env);
  const gatewayPort = await choosePort(port);
  const kinds: ServerKind[] = [];
  if (!endpoints.natsUrl) kinds.push('nats');
  if (!endpoints.redisUrl) kinds.push('redis');
  const binaries = await ensureServers({ kinds, env, onProgress: (text) => progress.say(`    ${text}`) });
  return new Stack({
    root,
    dataDir,
    gatewayPort,
    instances: { authorizer: authorizers },
    binaries,
    onProgress: (text) => progress.say(`    ${text}`),
    ...endpoints,
  });
}

async function startStack(stack: Stack, progress: Progress): Promise<void> {
  const done = progress.step('starting servers and services');
  await stack.start();
  done('servers and services are ready');
}

/** The main job, once for real; then what a script needs is written down, and what was done is told. */
async function useIt(stack: Stack, options: StartOptions, progress: Progress): Promise<void> {
  const secrets = readOwnerSecrets(stack.dataDir);
  const { gatewayUrl, natsUrl, redisUrl, eventStoreUrl } = stack;
  const doneSetUp = progress.step('first organization and its owner');
  const { organizationId, ownerEmail } = await stack.setUp({ ...OWNER, password: secrets.password });
  doneSetUp();
  const nats = await connectNats(natsUrl);
  try {
    const product = { gatewayUrl, organizationId, nats };
    const doneJob = progress.step('main job: create a key, verify it, revoke it, see it refused');
    const token = await logIn(gatewayUrl, ownerEmail, secrets.password);
    const timings = await runMainJob(product, token);
    doneJob('main job');
    for (const line of describeJob(timings)) progress.say(line);
    const adminKey = await adminKeyOf(product, token, stack.dataDir, secrets);
    await logOut(gatewayUrl, token);
    const addresses = { gatewayUrl, natsUrl, redisUrl, eventStoreUrl };
    const owner = { organizationId, ownerEmail, ownerPassword: secrets.password };
    const localFile = writeLocalFile(options.root, { ...addresses, ...owner, adminKey });
    const facts = { ...addresses, ...options, ...owner, localFile, dataDir: stack.dataDir };
    for (const line of summary(facts, progress)) progress.say(line);
  } finally {
    await nats.close();
  }
}

/** The key that scripts use; made once, and again only if it is no longer in force. */
async function adminKeyOf(
  product: Product,
  token: string,
  dataDir: string,
  secrets: OwnerSecrets,
): Promise<string> {
  if (secrets.adminKey && (await isValid(product.nats, secrets.adminKey))) return secrets.adminKey;
  const { secret } = await createKey(product, token, { name: 'local-admin', role: 'admin' });
  writeOwnerSecrets(dataDir, { ...secrets, adminKey: secret });
  return secret;
}

async function stopStack(stack: Stack, progress: Progress, signal: string | undefined): Promise<void> {
  progress.clear();
  if (signal) progress.say(`\n${signal}: stopping.`);
  const done = progress.step('stopping services, then servers');
  await stack.stop();
  done('everything is stopped');
}
