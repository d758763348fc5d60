// Builds the console into dist, from the sources of our libs: the gateway serves what comes out.
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ['@mcpstack/source', 'module', 'browser', 'production'] },
  // The gateway puts a fresh one in its place with each page: the component library writes style elements with it.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    target: 'es2022',
    assetsDir: 'console-assets',
    // A data: address in a style sheet or a script would need a wider policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      onLog: (level, log, next) => {
        // The component library marks its files for servers that render; here there is none.
        if (log.code === 'MODULE_LEVEL_DIRECTIVE') return;
        // What of the contracts needs Node is left out of the pages, and its imports with it.
        if (/"node:\w+" has been externalized .* imported by ".*\/contracts\//.test(log.message)) return;
        next(level, log);
      },
    },
  },
});
