import { fileURLToPath } from 'node:url';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { compressed } from './scripts/compressed.ts';

// `npm run dev` asks a host that runs already: TRAINFLOW_API=http://127.0.0.1:8080.
const api = process.env.TRAINFLOW_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react(), tailwind(), compressed()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2023',
    // No data: addresses: the policy that the host sends allows none.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': api } },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}', 'scripts/*.test.ts'],
    restoreMocks: true,
    testTimeout: 30_000,
  },
});
