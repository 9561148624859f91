import './styles.css';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '@/api/client';
import { followPreferences } from '@/store/preferences';
import { nonce } from '@/lib/nonce';
import { watchConnection } from '@/store/connection';
import { App } from './app';

// Parts that add styles of their own (dialogs lock the page's scrolling) may do so with this answer's nonce.
if (nonce) setNonce(nonce);

followPreferences();
watchConnection();

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
