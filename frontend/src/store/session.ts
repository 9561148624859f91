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
  /** How often somebody has signed in: tells an answer to an earlier token from one to this. */
  signIns: number;
  signIn: (token: string) => void;
  /** `of`: the `signIns` when what was refused was asked for. */
  expire: (of: number) => void;
  signOut: () => void;
}

const place = 'trainflow.token';
/** Whose drafts lie in the tab: they outlive a reload, and the token that ended before it. */
const ownerPlace = 'trainflow.owner';

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

const ownerOf = ({ tenant, subject }: Holder): string => JSON.stringify([tenant, subject]);

function kept(): Pick<Session, 'token' | 'holder'> {
  const token = sessionStorage.getItem(place);
  const holder = token ? holderOf(token) : null;
  if (holder) sessionStorage.setItem(ownerPlace, ownerOf(holder));
  return holder && holder.expires > Date.now() ? { token, holder } : { token: null, holder: null };
}

/** Who is signed in. The token stays in this tab: in memory and sessionStorage, never in an address. */
export const useSession = create<Session>()((set, get) => ({
  ...kept(),
  isExpired: false,
  signIns: 0,
  signIn(token) {
    const holder = holderOf(token);
    if (!holder) return;
    const owner = ownerOf(holder);
    const before = sessionStorage.getItem(ownerPlace);
    sessionStorage.setItem(place, token);
    sessionStorage.setItem(ownerPlace, owner);
    set({ token, holder, isExpired: false, signIns: get().signIns + 1 });
    // Another tenant, another person: nothing of the page before may stay.
    if (before !== null && before !== owner) {
      for (const forget of forgetting) forget();
    }
  },
  expire(of) {
    if (of !== get().signIns) return;
    sessionStorage.removeItem(place);
    if (get().token) set({ token: null, isExpired: true });
  },
  signOut() {
    sessionStorage.removeItem(place);
    sessionStorage.removeItem(ownerPlace);
    set({ token: null, holder: null, isExpired: false });
    for (const forget of forgetting) forget();
  },
}));

const forgetting = new Set<() => void>();

/** `forget` is called when somebody else, or nobody, is signed in: what is kept of a tenant goes then. */
export function onSignOut(forget: () => void): void {
  forgetting.add(forget);
}
