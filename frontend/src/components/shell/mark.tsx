import { Link2 } from 'lucide-react';
import type { ReactNode } from 'react';

const product = 'TrainFlow';

export function Mark({ children }: { children?: ReactNode }) {
  return (
    <span className="flex min-w-0 items-center gap-2.5">
      <span className="flex size-8 shrink-0 items-center justify-center rounded-lg bg-primary text-primary-foreground">
        <Link2 className="size-4.5" aria-hidden />
      </span>
      <span className="flex min-w-0 flex-col leading-tight">
        <span className="font-semibold" translate="no">
          {product}
        </span>
        {children}
      </span>
    </span>
  );
}
