import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The build goes beside the committed page that says "not built"; `npm run build` takes
// the one before away, because emptying the folder would take that page too.
export default defineConfig({
  plugins: [react()],
  build: {
    emptyOutDir: false,
    manifest: 'manifest.json',
    modulePreload: { polyfill: false },
    rollupOptions: { input: 'app.html' },
  },
  test: { include: ['src/**/*.test.ts', '*.test.ts'], environment: 'node', testTimeout: 60_000 },
});
