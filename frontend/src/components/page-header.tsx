import { ChevronRight } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { Link } from 'react-router';
import { Bdi } from './ui/text';

interface PageHeaderProps {
  title: string;
  /** One sentence below it. */
  description?: ReactNode;
  /** Beside the title: a state. */
  beside?: ReactNode;
  /** The way here, the page itself left out. */
  trail?: readonly { label: string; to: string }[];
  /** Buttons, the first one last: it stands at the end of the line. */
  children?: ReactNode;
}

/** A page's head: names the document too. */
export function PageHeader({ title, description, beside, trail, children }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${title} · TrainFlow`;
  }, [title]);
  return (
    <header className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        {trail && (
          <ol className="mb-1.5 flex flex-wrap items-center gap-1.5 text-table text-muted-foreground">
            {trail.map((step) => (
              <li key={step.to} className="flex min-w-0 items-center gap-1.5 wrap-anywhere">
                <Link to={step.to} className="rounded-sm hover:text-foreground hover:underline">
                  <Bdi>{step.label}</Bdi>
                </Link>
                <ChevronRight className="mirrored size-3.5 shrink-0" aria-hidden />
              </li>
            ))}
            <li aria-current="page" className="min-w-0 text-foreground wrap-anywhere">
              <Bdi>{title}</Bdi>
            </li>
          </ol>
        )}
        <div className="flex flex-wrap items-center gap-3">
          <h1 className="min-w-0 text-2xl leading-tight font-semibold tracking-tight wrap-anywhere">
            <Bdi>{title}</Bdi>
          </h1>
          {beside}
        </div>
        {description && <p className="mt-1 text-muted-foreground">{description}</p>}
      </div>
      {children && <div className="flex flex-wrap gap-2">{children}</div>}
    </header>
  );
}
