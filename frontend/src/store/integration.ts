import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';
import { onSignOut } from './session';

/** JSON, as it can be kept in the tab. */
export type Draft = { [name: string]: unknown };

interface IntegrationState {
  /**
   * What is typed and not yet saved, by place: `create`, `mappings/ID`. It survives reload, a lost connection and an
   * expired token; a page drops its own once it is saved.
   */
  drafts: Record<string, Draft>;
  /** Rows that are picked, by place. */
  selection: Record<string, string[]>;
  /** A list's filters as last seen, so that "back" from a page leads to the same list: `?…` by path. */
  searches: Record<string, string>;
  keepDraft: (place: string, draft: Draft) => void;
  dropDraft: (place: string) => void;
  select: (place: string, ids: string[]) => void;
  keepSearch: (path: string, search: string) => void;
  forget: () => void;
}

const empty = { drafts: {}, selection: {}, searches: {} };

const without = <V>(record: Record<string, V>, name: string): Record<string, V> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));

/** What the person is doing. What the server says lies in TanStack Query. */
export const useIntegrationStore = create<IntegrationState>()(
  persist(
    (set) => ({
      ...empty,
      keepDraft: (place, draft) => set((state) => ({ drafts: { ...state.drafts, [place]: draft } })),
      dropDraft: (place) => set((state) => ({ drafts: without(state.drafts, place) })),
      select: (place, ids) => set((state) => ({ selection: { ...state.selection, [place]: ids } })),
      keepSearch: (path, search) => set((state) => ({ searches: { ...state.searches, [path]: search } })),
      forget: () => set(empty),
    }),
    {
      name: 'trainflow.integration',
      storage: createJSONStorage(() => sessionStorage),
      partialize: ({ drafts, searches }) => ({ drafts, searches }),
    },
  ),
);

onSignOut(() => useIntegrationStore.getState().forget());
