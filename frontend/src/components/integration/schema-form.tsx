import { Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import type { Failure } from '@/api/problem';
import { messageAt } from '@/api/problem';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Input, Textarea } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { Mono } from '@/components/ui/text';
import { useMessages } from '@/i18n/messages';
import { integrationMessages } from './messages';
import { type FieldSchema, settingOf, shownAs } from './schema';

export type Settings = Record<string, unknown>;

interface SchemaFormProps {
  fields: readonly FieldSchema[];
  value: Settings;
  onChange: (value: Settings) => void;
  /** What the host has said of the last try. */
  failure: Failure | null;
  /** Where these stand in what is sent: `/settings`. */
  pointer: string;
  /** Masked, and kept by no browser. */
  areSecrets?: boolean;
}

/** A form from a connector's own JSON Schema. Its descriptions are the connector's, in English. */
export function SchemaForm({ fields, value, onChange, failure, pointer, areSecrets }: SchemaFormProps) {
  const set = (field: FieldSchema, text: string) => {
    const next = { ...value };
    const made = settingOf(field, text);
    if (made === undefined) delete next[field.name];
    else next[field.name] = made;
    onChange(next);
  };
  return (
    <div className="grid gap-x-5 gap-y-4 lg:grid-cols-2">
      {fields.map((field) => {
        const message = messageAt(failure, `${pointer}/${field.name}`);
        return (
          <Field
            key={field.name}
            label={<Mono>{field.title}</Mono>}
            isRequired={field.isRequired}
            hint={
              field.description && (
                <span dir="ltr" lang="en" className="block in-[:dir(rtl)]:text-end">
                  {field.description}
                </span>
              )
            }
            {...(message && { error: message })}
          >
            {(control) => (
              <Control
                field={field}
                value={value[field.name]}
                onText={(text) => set(field, text)}
                isSecret={areSecrets ?? false}
                control={control}
              />
            )}
          </Field>
        );
      })}
    </div>
  );
}

interface ControlProps {
  field: FieldSchema;
  value: unknown;
  onText: (text: string) => void;
  isSecret: boolean;
  control: Parameters<Parameters<typeof Field>[0]['children']>[0];
}

const unsaid = '\u0000unsaid';

function Control({ field, value, onText: tell, isSecret, control }: ControlProps) {
  const t = useMessages(integrationMessages);
  const [typed, setTyped] = useState('');
  // "1." on the way to "1.5" is 1 already: the text stays as it is typed while it says what stands.
  const text = shownAs(settingOf(field, typed)) === shownAs(value) ? typed : shownAs(value);
  const onText = (next: string) => {
    setTyped(next);
    tell(next);
  };
  const [isShown, setShown] = useState(false);
  const usual = field.usual !== undefined && field.usual !== '' ? field.usual : t('unsaid');
  if (field.kind === 'choice' || field.kind === 'boolean') {
    const choices =
      field.kind === 'choice'
        ? field.choices.map((choice) => ({ value: choice, label: <Mono>{choice}</Mono> }))
        : [
            { value: 'true', label: t('yes') },
            { value: 'false', label: t('no') },
          ];
    return (
      <Select
        {...control}
        value={text === '' ? unsaid : text}
        choices={[{ value: unsaid, label: t('unsaid') }, ...choices]}
        onChange={(next) => onText(next === unsaid ? '' : next)}
      />
    );
  }
  if (field.kind === 'json') {
    return (
      <Textarea
        {...control}
        dir="ltr"
        className="font-mono"
        value={text}
        onChange={(event) => onText(event.target.value)}
      />
    );
  }
  const input = (
    <Input
      {...control}
      dir="ltr"
      inputMode={field.kind === 'number' ? 'decimal' : undefined}
      type={isSecret && !isShown ? 'password' : 'text'}
      autoComplete={isSecret ? 'new-password' : 'off'}
      spellCheck={false}
      placeholder={isSecret ? '' : usual}
      maxLength={field.maxLength}
      value={text}
      onChange={(event) => onText(event.target.value)}
    />
  );
  if (!isSecret) return input;
  return (
    <div className="flex gap-2">
      {input}
      <Button
        size="icon"
        aria-label={t(isShown ? 'hideSecret' : 'showSecret', { name: field.title })}
        aria-pressed={isShown}
        onClick={() => setShown(!isShown)}
      >
        {isShown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
      </Button>
    </div>
  );
}
