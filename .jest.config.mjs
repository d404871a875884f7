// One Jest run for the whole house: real PostgreSQL and real NATS come up once, in globalSetup.
export default {
  rootDir: import.meta.dirname,
  roots: ['<rootDir>/libs', '<rootDir>/services', '<rootDir>/deploy', '<rootDir>/bench'],
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/', '/.data/'],
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@eoffice/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: {
            legacyDecorator: true,
            decoratorMetadata: true,
            useDefineForClassFields: false,
          },
          target: 'es2022',
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  setupFiles: ['reflect-metadata'],
  // A worker keeps some of every file's modules: a new one is cheaper than collecting gigabytes.
  maxWorkers: 2,
  workerIdleMemoryLimit: '1GB',
  globalSetup: '<rootDir>/libs/testing/dist/src/global-setup.js',
  globalTeardown: '<rootDir>/libs/testing/dist/src/global-teardown.js',
  reporters: ['default', '<rootDir>/libs/testing/src/closing-line.mjs'],
  testTimeout: 60_000,
};
