import tseslint from 'typescript-eslint';

// Who may import whom. The rules are plain patterns so that a reader sees them all here; a spec in
// libs/testing lints wrong imports and expects the errors.
const forbid = (...patterns) => ['error', { patterns }];
const noServices = {
  regex: '@eoffice/(gateway|documents|mail|signatures|portals|inspections)(/|$)|/services/',
  message: 'A service is never imported: ask it through its contract.',
};
const noTesting = {
  regex: '@eoffice/(testing|deploy|bench)(/|$)',
  message: 'Only specs may import this.',
};
const siblingContract = {
  regex: '^\\.\\./([a-z-]+)/\\1(\\.js)?$',
  message: 'A feature may use the entity of a sibling, never the class that serves its contract.',
};

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.data/**', '**/*.mjs'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { ecmaVersion: 2024, sourceType: 'module' } },
    rules: {
      '@typescript-eslint/no-unsafe-function-type': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/no-empty-object-type': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['services/**/*.ts'],
    rules: { 'no-restricted-imports': forbid(noServices, noTesting, siblingContract) },
  },
  {
    files: ['services/*/src/*.module.ts'],
    rules: { 'no-restricted-imports': forbid(noServices, noTesting) },
  },
  {
    files: ['services/**/*.spec.ts'],
    rules: { 'no-restricted-imports': forbid(noServices) },
  },
  {
    files: ['libs/platform/**/*.ts'],
    rules: {
      'no-restricted-imports': forbid(noServices, {
        regex: '^@eoffice/contracts$',
        message: 'The platform knows the language of contracts, not what the services say.',
      }),
    },
  },
  {
    files: ['libs/contracts/**/*.ts'],
    rules: {
      'no-restricted-imports': forbid(noServices, {
        regex: '^@eoffice/',
        message: 'Contracts import nothing of ours.',
      }),
    },
  },
  {
    files: ['libs/{jmap,mime,signing}/**/*.ts'],
    rules: {
      'no-restricted-imports': forbid(noServices, {
        regex: '^@eoffice/',
        message: 'A protocol is usable alone: it imports nothing of ours.',
      }),
    },
  },
  {
    files: ['libs/{jmap,mime,signing}/**/*.spec.ts'],
    rules: { 'no-restricted-imports': forbid(noServices) },
  },
  { files: ['deploy/**/*.ts', 'bench/**/*.ts'], rules: { 'no-console': 'off' } },
);
