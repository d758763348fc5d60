// Writes the table in docs/settings.md from the settings that the built services read: node tools/write-settings.mjs
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PAGE = join(ROOT, 'docs/settings.md');
/** Service → the module that exports the shape of its settings. */
export const SHAPES = {
  gateway: ['gateway/dist/settings.js', 'GATEWAY_SETTINGS'],
  issuance: ['issuance/dist/issuance.module.js', 'ISSUANCE_SETTINGS'],
  projection: ['projection/dist/projection.module.js', 'PROJECTION_SETTINGS'],
  authorizer: ['authorizer/dist/authorizer.module.js', 'AUTHORIZER_SETTINGS'],
  scheduler: ['scheduler/dist/settings.js', 'SCHEDULER_SETTINGS'],
  webhooks: ['webhooks/dist/settings.js', 'WEBHOOKS_SETTINGS'],
  checkpointer: ['checkpointer/dist/settings.js', 'CHECKPOINTER_SETTINGS'],
  'forward-auth': ['forward-auth/dist/settings.js', 'FORWARD_AUTH_SETTINGS'],
  'nats-login': ['nats-login/dist/settings.js', 'NATS_LOGIN_SETTINGS'],
  'identity-provider': ['identity-provider/dist/identity-provider.js', 'IDENTITY_SETTINGS'],
};
const BEGIN = '<!-- made by tools/write-settings.mjs -->';
const END = '<!-- end -->';

/** The page as it should be: its own text, with the table made anew. */
export async function settingsPage(text = readFileSync(PAGE, 'utf8')) {
  const [before, , after] = [...text.split(BEGIN), ''].flatMap((part) => part.split(END));
  return `${before}${BEGIN}\n\n${await settingsTable()}\n${END}${after}`;
}

async function settingsTable() {
  const meanings = meaningsInSources();
  const rows = new Map();
  for (const [service, [file, name]] of Object.entries(SHAPES)) {
    const { [name]: shape } = await import(pathToFileURL(join(ROOT, 'apps', file)).href);
    for (const [setting, type] of Object.entries(shape)) {
      const row = `${fallbackOf(type)} | ${rangeOf(type)}`;
      // The same setting may have another default in another service.
      const key = `${setting} ${row}`;
      if (!rows.has(key)) rows.set(key, { setting, row, services: [] });
      rows.get(key).services.push(service);
    }
  }
  const all = Object.keys(SHAPES).length;
  const lines = [...rows.values()]
    .sort((a, b) => (a.setting < b.setting ? -1 : 1))
    .map(({ setting, row, services }) => {
      const who = services.length === all ? 'every service' : services.join(', ');
      return `| \`${setting}\` | ${row} | ${who} | ${meanings.get(setting) ?? ''} |`;
    });
  return ['| Setting | Default | May be | Read by | Meaning |', '|---|---|---|---|---|', ...lines, ''].join(
    '\n',
  );
}

function fallbackOf(type) {
  const result = type.safeParse(undefined);
  if (!result.success) return 'needed';
  return result.data === undefined ? 'none' : `\`${result.data}\``;
}

function rangeOf(type) {
  let inner = type;
  // `in`: what a setting that is read as something else may be.
  while (inner.def.innerType ?? inner.def.in) inner = inner.def.innerType ?? inner.def.in;
  if (inner.options) return inner.options.map((option) => `\`${option}\``).join(', ');
  if (inner.def.type === 'number') return `${inner.minValue} to ${inner.maxValue}`;
  return 'text';
}

/** What stands in the comment before a setting, wherever it is declared. */
function meaningsInSources() {
  const found = new Map();
  const files = ['libs/service-kit/src', 'apps'].flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true }).map((file) => join(room, file)),
  );
  for (const file of files) {
    if (!/^(apps\/[^/]+|libs\/service-kit)\/src\/.*(?<!\.spec)\.ts$/.test(file)) continue;
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const [, comment, name] of text.matchAll(/\/\*\* ([^\n]*?) \*\/\n\s+([A-Z][A-Z0-9_]+): (?!string)/g))
      if (!found.has(name)) found.set(name, comment.replaceAll('|', '\\|'));
  }
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, await settingsPage());
