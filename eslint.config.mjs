import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { arrows, refusedIn } from './eslint.rooms.mjs';

const rooms = Object.keys(arrows).flatMap((room) => [
  {
    files: [`${room}/src/**/*.{ts,tsx}`],
    ignores: ['**/*.spec.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: refusedIn(room) }] },
  },
  {
    files: [`${room}/src/**/*.spec.ts`, `${room}/test/**/*.ts`],
    rules: { 'no-restricted-imports': ['error', { patterns: refusedIn(room, { spec: true }) }] },
  },
]);

export default tseslint.config(
  {
    ignores: [
      '**/dist/',
      '**/dist-types/',
      '**/node_modules/',
      '.mcpstack/',
      '.nx/',
      'tools/test/fixtures/',
      'libs/api-client/src/schema.ts',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      // One program for all: with one for each room, whatever a room imports would be checked once more for it.
      parserOptions: { project: ['./tsconfig.lint.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      // `T | string` unions of our error codes read better with the literal kept.
      '@typescript-eslint/no-redundant-type-constituents': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['apps/console/src/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat.recommended],
  },
  {
    // These know the browser, and nothing of Node.
    files: ['apps/console/**/*.{ts,tsx}', 'libs/agent-sdk/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    languageOptions: { parserOptions: { projectService: true, project: null } },
  },
  {
    // Built by its own tool; it is part of no program.
    files: ['apps/console/vite.config.ts'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { projectService: false, project: null } },
  },
  {
    // Nest's decorators need runtime imports of classes that are used as types.
    files: ['apps/**/*.ts', 'libs/service-kit/**/*.ts'],
    rules: { '@typescript-eslint/no-extraneous-class': 'off' },
  },
  { files: ['tools/**/*.ts', 'tools/**/*.mjs'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        fetch: 'readonly',
        Buffer: 'readonly',
      },
    },
  },
  ...rooms,
);
