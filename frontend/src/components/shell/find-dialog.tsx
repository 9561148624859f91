import { useQuery } from '@tanstack/react-query';
import { Command } from 'cmdk';
import { Search } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { useNavigate } from 'react-router';
import { listConfigsOptions, listRunsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { RunState } from '@/components/ui/state';
import { Bdi, RelativeTime } from '@/components/ui/text';
import { useMessages } from '@/i18n/messages';
import { navigation, stands } from '@/pages';
import { shellMessages } from './messages';

const page = '/integrations/:id';

/** Finds pages, integrations by name, and the latest runs: Ctrl K or ⌘ K. */
export default function FindDialog({ close }: { close: () => void }) {
  const t = useMessages(shellMessages);
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const configs = useQuery(listConfigsOptions({ query: { limit: 200 } }));
  const runs = useQuery({ ...listRunsOptions({ query: { limit: 20 } }), enabled: stands('/runs/:id') });
  const names = new Map(configs.data?.items.map((config) => [config.id, config.name]));
  const go = (path: string) => {
    close();
    navigate(path);
  };
  return (
    <Radix.Root open onOpenChange={(open) => !open && close()}>
      <Radix.Portal>
        <Radix.Overlay className="appears fixed inset-0 z-40 bg-shade" />
        <Radix.Content
          aria-describedby={undefined}
          className="rises fixed inset-x-4 top-[12vh] z-50 mx-auto max-w-xl overflow-hidden rounded-lg border bg-popover text-popover-foreground shadow-xl"
        >
          <Radix.Title className="sr-only">{t('find')}</Radix.Title>
          <Command label={t('find')}>
            <div className="flex items-center gap-2.5 border-b px-4">
              <Search className="size-4 text-muted-foreground" aria-hidden />
              <Command.Input
                value={text}
                onValueChange={setText}
                dir="auto"
                placeholder={t('find')}
                className="h-12 flex-1 bg-transparent outline-none"
              />
            </div>
            <Command.List label={t('find')} className="max-h-[55vh] overflow-y-auto p-1.5">
              <Command.Empty className="px-3 py-8 text-center text-muted-foreground">{t('find.none')}</Command.Empty>
              <Group title={t('find.pages')}>
                {navigation.map((entry) => (
                  <Item key={entry.path} value={entry.nav ? t(entry.nav.label) : ''} onSelect={() => go(entry.path)}>
                    {entry.nav && <entry.nav.icon className="size-4 text-muted-foreground" aria-hidden />}
                    {entry.nav && t(entry.nav.label)}
                  </Item>
                ))}
              </Group>
              {stands(page) && configs.data && configs.data.items.length > 0 && (
                <Group title={t('find.integrations')}>
                  {configs.data.items.map((config) => (
                    <Item
                      key={config.id}
                      value={`${config.name} ${config.id}`}
                      onSelect={() => go(`/integrations/${config.id}`)}
                    >
                      <Bdi className="truncate">{config.name}</Bdi>
                      <span className="ms-auto">
                        <RunState run={config.last_run} />
                      </span>
                    </Item>
                  ))}
                </Group>
              )}
              {runs.data && runs.data.items.length > 0 && (
                <Group title={t('find.runs')}>
                  {runs.data.items.map((run) => (
                    <Item
                      key={run.id}
                      value={`${names.get(run.config_id) ?? ''} ${run.id}`}
                      onSelect={() => go(`/runs/${run.id}`)}
                    >
                      <Bdi className="truncate">{names.get(run.config_id) ?? run.id}</Bdi>
                      <RelativeTime at={run.created_at} className="text-table text-muted-foreground" />
                      <span className="ms-auto">
                        <RunState run={run} />
                      </span>
                    </Item>
                  ))}
                </Group>
              )}
            </Command.List>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={title}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted-foreground"
    >
      {children}
    </Command.Group>
  );
}

function Item({ value, onSelect, children }: { value: string; onSelect: () => void; children: ReactNode }) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex h-10 cursor-default items-center gap-2.5 rounded-md px-2.5 data-[selected=true]:bg-accent"
    >
      {children}
    </Command.Item>
  );
}
