import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface LockedPackage {
  optionalDependencies?: Record<string, string>;
}

/** Optional packages (builds for one platform each, mostly) that a lock file asks for but does not hold. */
function missingOptional(packages: Record<string, LockedPackage>): string[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => {
      const nested = path
        .split('/node_modules/')
        .map((_, depth, parts) => parts.slice(0, depth + 1).join('/node_modules/'));
      return ![...nested.map((folder) => `${folder}/node_modules/${name}`), `node_modules/${name}`].some(
        (place) => place in packages,
      );
    }),
  );
}

describe('package-lock.json', () => {
  const path = join(import.meta.dirname, '..', '..', 'package-lock.json');
  const { packages } = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, LockedPackage> };

  // A registry mirror that lacks other platforms' packages makes npm leave them out, and then npm ci
  // refuses the lock on every fresh clone.
  it('names the optional packages of every platform, so that npm ci takes it', () => {
    expect(missingOptional(packages)).toEqual([]);
  });

  it('control: one that is left out is found', () => {
    const { 'node_modules/@swc/core-win32-x64-msvc': _left, ...rest } = packages;
    expect(_left).toBeDefined();
    expect(missingOptional(rest)).toEqual(['@swc/core-win32-x64-msvc']);
  });
});
