import {
  autocompletion,
  type Completion,
  type CompletionContext,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, keymap, placeholder as placeholderOf, tooltips } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import type { Function as MappingFunction } from '@/api/generated/types.gen';
import { cn } from '@/lib/cn';
import { nonce } from '@/lib/nonce';
import { type Language, usePreferences } from '@/store/preferences';
import type { Problem } from './questions';
import type { TransformEditorProps } from './transform-editor';

/** Pipes as docs/mapping.md has them. A name before `(` or a whole step is a function; others are fields. */
const pipes = StreamLanguage.define<{ depth: number }>({
  startState: () => ({ depth: 0 }),
  token(stream, state) {
    if (stream.eatSpace()) return null;
    const next = stream.next();
    if (next === '"' || next === "'") {
      while (!stream.eol()) {
        const character = stream.next();
        if (character === '\\') stream.next();
        else if (character === next) break;
      }
      return 'string';
    }
    if (next === '`') {
      stream.eatWhile((character) => character !== '`');
      stream.next();
      return 'propertyName';
    }
    if (next === '(' || next === '{') state.depth++;
    if (next === ')' || next === '}') state.depth--;
    if (next === '|') return 'operator';
    if (next && /[0-9-]/.test(next)) {
      stream.eatWhile(/[0-9]/);
      return 'number';
    }
    if (next && /[A-Za-z_]/.test(next)) {
      stream.eatWhile(/[A-Za-z0-9_]/);
      if (/^(true|false|null)$/.test(stream.current())) return 'atom';
      return stream.match(/^\s*\(/, false) || state.depth === 0 ? 'keyword' : 'propertyName';
    }
    return null;
  },
});

const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.keyword, color: 'var(--primary)', fontWeight: '600' },
    { tag: tags.string, color: 'var(--warning)' },
    { tag: tags.number, color: 'var(--info)' },
    { tag: tags.atom, color: 'var(--held)' },
    { tag: tags.propertyName, color: 'var(--info)' },
    { tag: tags.operator, color: 'var(--muted-foreground)' },
  ]),
);

const look = EditorView.theme({
  '&': { fontSize: '0.8125rem', backgroundColor: 'transparent', color: 'var(--foreground)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.25rem', maxHeight: '10rem', overflow: 'auto' },
  '.cm-content': { padding: '0.375rem 0', caretColor: 'var(--foreground)', direction: 'ltr', textAlign: 'start' },
  '.cm-line': { padding: '0 0.625rem' },
  '.cm-placeholder': { color: 'var(--muted-foreground)' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': { backgroundColor: 'var(--ring)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--popover)',
    color: 'var(--popover-foreground)',
    border: '1px solid var(--border)',
    borderRadius: '8px',
    overflow: 'hidden',
    zIndex: '60',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font-mono)', maxHeight: '14rem' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '0.25rem 0.625rem' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--primary)',
    color: 'var(--primary-foreground)',
  },
  '.cm-completionDetail': { color: 'inherit', fontStyle: 'normal', opacity: '0.8' },
  '.cm-completionInfo': {
    padding: '0.5rem 0.75rem',
    maxWidth: '22rem',
    fontFamily: 'var(--font-sans)',
    whiteSpace: 'normal',
  },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--danger)',
    textUnderlineOffset: '3px',
  },
  '.cm-diagnostic': { fontFamily: 'var(--font-sans)', padding: '0.375rem 0.625rem', borderInlineStart: 'none' },
});

/**
 * Typing over a selection is done here: Chromium, doing it, keeps the look of what goes by style attributes, which the
 * page's policy refuses.
 */
const overSelection = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const isTyped = event.inputType === 'insertText' || event.inputType === 'insertReplacementText';
    if (!isTyped || event.data === null || view.composing || view.state.selection.main.empty) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: 'input.type' });
    return true;
  },
});

/** Function names with their help in the page's language, and the source's fields inside of parentheses. */
function completions(functions: readonly MappingFunction[], fields: readonly string[], language: Language) {
  const known: Completion[] = functions.map((item) => ({
    label: item.name,
    type: 'function',
    detail: item.signature.slice(item.name.length),
    apply: item.parameters.some((parameter) => !parameter.is_optional)
      ? (view, _completion, from, to) =>
          view.dispatch({
            changes: { from, to, insert: `${item.name}()` },
            selection: { anchor: from + item.name.length + 1 },
          })
      : item.name,
    info: () => helpOf(item, language),
  }));
  const names: Completion[] = fields.map((name) => ({
    label: name,
    type: 'variable',
    apply: /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `\`${name.replaceAll('`', '``')}\``,
    boost: 1,
  }));
  return (context: CompletionContext) => {
    const word = context.matchBefore(/[A-Za-z_`][A-Za-z0-9_]*/);
    if (!word && !context.explicit) return null;
    const before = context.state.sliceDoc(0, word?.from ?? context.pos);
    const isInside = (before.match(/\(/g)?.length ?? 0) > (before.match(/\)/g)?.length ?? 0);
    const isStep = !isInside || /\|\s*$/.test(before);
    return {
      from: word?.from ?? context.pos,
      options: isStep ? known : [...names, ...known],
      validFor: /^[A-Za-z_`][A-Za-z0-9_]*$/,
    };
  };
}

function helpOf(item: MappingFunction, language: Language): HTMLElement {
  const box = document.createElement('div');
  box.dir = language === 'ar' ? 'rtl' : 'ltr';
  const help = document.createElement('p');
  help.textContent = item.help[language];
  box.append(help);
  for (const example of item.examples.slice(0, 2)) {
    const line = document.createElement('p');
    line.dir = 'ltr';
    line.className = 'mt-1 font-mono text-xs text-muted-foreground';
    const result = example.rejected ? `✕ ${example.rejected}` : JSON.stringify(example.result);
    line.textContent = `${JSON.stringify(example.value)} | ${example.transform} → ${result}`;
    box.append(line);
  }
  return box;
}

/** From the place that a problem names to the end of its word. */
function diagnosticOf(problem: Problem, state: EditorState): Diagnostic {
  const line = state.doc.line(Math.min(Math.max(1, problem.line ?? 1), state.doc.lines));
  const from = Math.min(line.to, line.from + Math.max(0, (problem.column ?? 1) - 1));
  const word = /^(?:[A-Za-z0-9_]+|"[^"]*"|'[^']*')/.exec(state.sliceDoc(from, line.to))?.[0].length ?? 1;
  const to = Math.min(state.doc.length, from + word);
  return {
    from: Math.min(from, to),
    to,
    severity: 'error',
    message: [problem.message, problem.suggestion].filter(Boolean).join(' '),
  };
}

export default function CodeEditor(props: TransformEditorProps) {
  const { label, placeholder, value, problems, isInvalid, describedBy, functions, fields } = props;
  const language = usePreferences((state) => state.language);
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const [attributes, completion] = useRef([new Compartment(), new Compartment()] as const).current;
  const latest = useRef(props);
  latest.current = props;
  /** Texts that were handed out and may come back late, while the next stands here already. */
  const told = useRef(new Set<string>());

  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; what changes later is handed in below
  useEffect(() => {
    if (!place.current) return;
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          ...(nonce ? [EditorView.cspNonce.of(nonce)] : []),
          history(),
          closeBrackets(),
          pipes,
          colours,
          look,
          EditorView.lineWrapping,
          placeholderOf(placeholder),
          attributes.of([]),
          completion.of([]),
          tooltips({ parent: document.body }),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap]),
          overSelection,
          EditorView.updateListener.of((update) => {
            if (update.docChanged) {
              const text = update.state.doc.toString();
              told.current.add(text);
              latest.current.onChange(text);
            }
            if (update.focusChanged && update.view.hasFocus) latest.current.onFocus?.();
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    if (editor.state.doc.toString() === value) told.current.clear();
    else if (!told.current.has(value)) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
    }
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({
      effects: attributes.reconfigure(
        EditorView.contentAttributes.of({
          'aria-label': label,
          tabindex: '0',
          ...(isInvalid && { 'aria-invalid': 'true' }),
          ...(describedBy && { 'aria-describedby': describedBy }),
        }),
      ),
    });
  }, [label, isInvalid, describedBy, attributes]);

  useEffect(() => {
    view.current?.dispatch({
      effects: completion.reconfigure(
        autocompletion({ override: [completions(functions, fields, language)], icons: false }),
      ),
    });
  }, [functions, fields, language, completion]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    editor.dispatch(
      setDiagnostics(
        editor.state,
        problems.map((problem) => diagnosticOf(problem, editor.state)),
      ),
    );
  }, [problems]);

  return (
    <div
      ref={place}
      dir="ltr"
      className={cn(
        'min-h-8.5 rounded-md border border-input bg-card text-start focus-within:border-primary focus-within:ring-2 focus-within:ring-ring',
        isInvalid && 'border-danger',
      )}
    />
  );
}
