import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Download, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { ifVersion } from '@/api/client';
import { deleteConfig, exportConfig } from '@/api/generated/sdk.gen';
import type { Config } from '@/api/generated/types.gen';
import { Button } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { toast } from '@/components/ui/toast';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { saveFile } from '@/lib/save-file';
import { editMessages } from './messages';

/** A copy to keep, and the end of an integration. */
export function DangerTab({ config, onGone }: { config: Config; onGone: () => void }) {
  const t = useMessages(editMessages);
  const d = useMessages(domainMessages);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [typed, setTyped] = useState('');
  const download = useMutation({
    mutationFn: async () => {
      const { data } = await exportConfig({ path: { id: config.id } });
      const bytes = new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' });
      saveFile(bytes, `${config.name}.trainflow.json`);
    },
    onError: (error) => toast.failed(t('downloadFailed'), error),
  });
  const remove = async () => {
    await deleteConfig({ path: { id: config.id }, headers: ifVersion(config.version) });
    onGone();
    toast.done(t('deleted', { name: config.name }));
    navigate('/integrations');
    await queries.invalidateQueries({
      predicate: (query) => JSON.stringify(query.queryKey).includes('listConfigs'),
    });
  };
  return (
    <div className="flex flex-col gap-4">
      <Card>
        <CardHeader title={t('copyTitle')} description={t('copyDo')}>
          <Button isBusy={download.isPending} onClick={() => download.mutate()}>
            <Download aria-hidden />
            {t('download')}
          </Button>
        </CardHeader>
      </Card>
      <Card className="border-danger/60">
        <CardHeader
          title={t('deleteTitle')}
          description={`${t('deleteDo', {
            people: d('people', { count: config.owned.users }),
            enrolments: d('enrolments', { count: config.owned.enrollments }),
          })} ${config.is_active ? t('turnOff') : ''}`}
        >
          <ConfirmDialog
            trigger={
              <Button variant="danger">
                <Trash2 aria-hidden />
                {t('delete')}
              </Button>
            }
            title={t('deleteAsk', { name: config.name })}
            description={t('deleteDo', {
              people: d('people', { count: config.owned.users }),
              enrolments: d('enrolments', { count: config.owned.enrollments }),
            })}
            confirm={t('deleteNow')}
            isDangerous
            isConfirmable={typed.trim() === config.name.trim()}
            onConfirm={remove}
          >
            <Field label={t('deleteConfirm')} hint={<bdi>{config.name}</bdi>}>
              {(control) => (
                <Input
                  {...control}
                  autoComplete="off"
                  value={typed}
                  onChange={(event) => setTyped(event.target.value)}
                />
              )}
            </Field>
          </ConfirmDialog>
        </CardHeader>
      </Card>
    </div>
  );
}
