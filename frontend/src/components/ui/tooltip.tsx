import { Tooltip as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

/** Adds to what stands there; nothing that is needed may stand in it alone, for fingers have no hover. */
export function Tooltip({ label, children }: { label: ReactNode; children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={300}>
      <Radix.Root>
        <Radix.Trigger asChild>{children}</Radix.Trigger>
        <Radix.Portal>
          <Radix.Content
            sideOffset={6}
            collisionPadding={8}
            className="appears z-50 max-w-80 rounded-md bg-foreground px-2.5 py-1.5 text-xs text-background shadow-md"
          >
            {label}
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </Radix.Provider>
  );
}
