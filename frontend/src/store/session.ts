import { create } from 'zustand';

/** What the token says about who holds it. Only for display: the host believes the token, not this. */
export interface Holder {
  subject: string;
  role: string;
  tenant: string;
  /** Milliseconds; when the token ends. */
  expires: number;
}

interface Session {
  token: string | null;
  holder: Holder | null;
  /** The host no longer takes the token, while a page is open: the page stays, and asks for another. */
  isExpired: boolean;
  signIn: (token: string) => void;
  expire: () => void;
  signOut: () => void;
}

const place = 'trainflow.token';

/** Null where it is no JWT with what the API needs. */
export function holderOf(token: string): Holder | null {
  const part = token.split('.')[1];
  if (token.split('.').length !== 3 || !part) return null;
  try {
    const text = atob(part.replaceAll('-', '+').replaceAll('_', '/'));
    const claims: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (c) => c.charCodeAt(0))));
    if (typeof claims !== 'object' || claims === null) return null;
    const { sub, role, tenant_id, exp } = claims as Record<string, unknown>;
    if (typeof role !== 'string' || typeof tenant_id !== 'string' || typeof exp !== 'number') return null;
    return { subject: typeof sub === 'string' ? sub : '', role, tenant: tenant_id, expires: exp * 1000 };
  } catch {
    return null;
  }
}

function kept(): Pick<Session, 'token' | 'holder'> {
  const token = sessionStorage.getItem(place);
  const holder = token ? holderOf(token) : null;
  return holder && holder.expires > Date.now() ? { token, holder } : { token: null, holder: null };
}

/** Who is signed in. The token stays in this tab: in memory and sessionStorage, never in an address. */
export const useSession = create<Session>()((set, get) => ({
  ...kept(),
  isExpired: false,
  signIn(token) {
    const holder = holderOf(token);
    if (!holder) return;
    sessionStorage.setItem(place, token);
    const before = get().holder;
    set({ token, holder, isExpired: false });
    // Another tenant, another person: nothing of the page before may stay.
    if (before && (before.tenant !== holder.tenant || before.subject !== holder.subject)) {
      for (const forget of forgetting) forget();
    }
  },
  expire() {
    sessionStorage.removeItem(place);
    if (get().token) set({ token: null, isExpired: true });
  },
  signOut() {
    sessionStorage.removeItem(place);
    set({ token: null, holder: null, isExpired: false });
    for (const forget of forgetting) forget();
  },
}));

const forgetting = new Set<() => void>();

/** `forget` is called when somebody else, or nobody, is signed in: what is kept of a tenant goes then. */
export function onSignOut(forget: () => void): void {
  forgetting.add(forget);
}
