import { Search, X } from 'lucide-react';
import { type ComponentProps, useEffect, useRef, useState } from 'react';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { Input } from './input';
import { kitMessages } from './messages';

interface SearchInputProps extends Omit<ComponentProps<'input'>, 'value' | 'onChange'> {
  /** Its name for who doesn't see the icon. */
  label: string;
  value: string;
  /** Called when typing has paused. */
  onSearch: (text: string) => void;
}

export function SearchInput({ label, value, onSearch, className, ...rest }: SearchInputProps) {
  const t = useMessages(kitMessages);
  const [text, setText] = useState(value);
  const told = useRef(value);
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setText(value);
  }, [value]);
  useEffect(() => {
    if (text === told.current) return;
    const timer = setTimeout(() => {
      told.current = text;
      onSearch(text);
    }, 250);
    return () => clearTimeout(timer);
  }, [text, onSearch]);
  return (
    <div className={cn('relative', className)}>
      <Search
        className="pointer-events-none absolute inset-y-0 start-2.5 my-auto size-4 text-muted-foreground"
        aria-hidden
      />
      <Input
        type="text"
        // As the page: the icon stays at its start.
        dir={undefined}
        role="searchbox"
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          // Of the search, not of the form around it.
          event.preventDefault();
          told.current = text;
          onSearch(text);
        }}
        className="ps-8.5 pe-8"
        {...rest}
      />
      {text && (
        <button
          type="button"
          aria-label={t('clear')}
          onClick={() => setText('')}
          className="absolute inset-y-0 end-1.5 my-auto flex size-6 items-center justify-center rounded-sm text-muted-foreground hover:text-foreground"
        >
          <X className="size-4" aria-hidden />
        </button>
      )}
    </div>
  );
}
