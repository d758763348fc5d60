// One configuration for every room. Sources run as they stand: @swc/jest strips the types, and the
// export condition "@mcpstack/source" makes a package name resolve to its src folder.
const swc = {
  sourceMaps: 'inline',
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
  module: { type: 'es6' },
};

export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@mcpstack/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['@swc/jest', swc] },
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/tools'],
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  // A test that starts real servers needs longer than jest's 5 s; conditions are awaited, never slept on.
  testTimeout: 600_000,
  maxWorkers: 2,
  // A worker that has run many files carries all their modules; past this it makes way for a fresh one.
  workerIdleMemoryLimit: '700MB',
  testSequencer: '<rootDir>/jest.sequencer.mjs',
};
