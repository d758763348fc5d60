/** The files of the console, as they were built: read once, and packed once for browsers that unpack. */
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const ASSETS = 'console-assets';
/** Stands in the page where the gateway puts a nonce of its own. */
const NONCE = '__CSP_NONCE__';

export interface ConsoleFile {
  type: string;
  plain: Buffer;
  packed: Buffer;
}

export class ConsoleFiles {
  private constructor(
    private readonly html: string,
    private readonly assets: ReadonlyMap<string, ConsoleFile>,
  ) {}

  /** @param folder that `vite build` wrote to. @throws when it is not there: the console was not built. */
  static async read(folder = builtFolder()): Promise<ConsoleFiles> {
    const html = await readFile(join(folder, 'index.html'), 'utf8');
    const assets = new Map<string, ConsoleFile>();
    for (const name of await readdir(join(folder, ASSETS))) {
      const type = TYPES[extname(name)];
      if (type === undefined) continue;
      const plain = await readFile(join(folder, ASSETS, name));
      assets.set(name, { type, plain, packed: await promisify(gzip)(plain, { level: 9 }) });
    }
    return new ConsoleFiles(html, assets);
  }

  page(nonce: string): string {
    return this.html.replaceAll(NONCE, nonce);
  }

  asset(name: string): ConsoleFile | undefined {
    return this.assets.get(name);
  }
}

function builtFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve('@mcpstack/console/package.json')), 'dist');
}
