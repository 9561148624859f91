import { lazy, Suspense } from 'react';
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

/** A pipe of functions with completion and errors in their place. The editor comes when it is first needed. */
export function TransformEditor(props: TransformEditorProps) {
  return (
    <Suspense
      fallback={
        <div
          dir="ltr"
          className={cn(
            'min-h-8.5 rounded-md border border-input bg-card px-2.5 py-1.5 text-start font-mono text-table break-words whitespace-pre-wrap',
            props.value === '' && 'text-muted-foreground',
          )}
        >
          {props.value || props.placeholder}
        </div>
      }
    >
      <CodeEditor {...props} />
    </Suspense>
  );
}
