import { setSourceMapsSupport } from 'node:module';

// Loaded before a service (`node --import`), so that errors name the lines that were written. Only of
// our own code: the maps of every library cost each process 10 MB, and nobody reads those lines.
setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
