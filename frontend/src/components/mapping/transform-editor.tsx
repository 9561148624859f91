import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { Function as MappingFunction } from '@/api/generated/types.gen';
import { cn } from '@/lib/cn';
import type { Problem } from './questions';

const CodeEditor = lazy(() => import('./code-editor'));

export interface TransformEditorProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
  onFocus?: () => void;
  /** Of the transform alone: shown where they are. */
  problems: readonly Problem[];
  isInvalid: boolean;
  describedBy?: string | undefined;
  functions: readonly MappingFunction[];
  /** Names that may stand as arguments. */
  fields: readonly string[];
}

/**
 * A pipe of functions with completion and errors in their place. The editor comes when it is first needed. `isOneOfMany`: to
 * rows that are seen or will be soon, for hundreds at once would take minutes.
 */
export function TransformEditor({ isOneOfMany, ...props }: TransformEditorProps & { isOneOfMany: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(!isOneOfMany);
  useEffect(() => {
    if (!place.current || isNear) return;
    const watch = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return;
        setNear(true);
        watch.disconnect();
      },
      { rootMargin: '600px' },
    );
    watch.observe(place.current);
    return () => watch.disconnect();
  }, [isNear]);
  const text = (
    <div
      ref={place}
      dir="ltr"
      className={cn(
        'min-h-8.5 rounded-md border border-input bg-card px-2.5 py-1.5 text-start font-mono text-table break-words whitespace-pre-wrap',
        props.value === '' && 'text-muted-foreground',
      )}
    >
      {props.value || props.placeholder}
    </div>
  );
  if (!isNear) return text;
  return (
    <Suspense fallback={text}>
      <CodeEditor {...props} />
    </Suspense>
  );
}
