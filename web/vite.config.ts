import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const onEveryPage = /node_modules\/(react|react-dom|scheduler|use-sync-external-store|@tanstack)\//;

// The build goes beside the committed page that says "not built"; `npm run build` takes
// the one before away, because emptying the folder would take that page too.
export default defineConfig({
  plugins: [react()],
  build: {
    emptyOutDir: false,
    manifest: 'manifest.json',
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: 'app.html',
      // What every page runs is one file, which packs better than the many that shared modules would make, and which
      // a browser keeps from release to release.
      output: { codeSplitting: { groups: [{ name: 'base', test: onEveryPage }] } },
    },
  },
  test: { include: ['src/**/*.test.ts', '*.test.ts'], environment: 'node', testTimeout: 60_000 },
});
