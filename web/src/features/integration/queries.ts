import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, body, ifMatch, idempotencyKey, type Schema } from '../../lib/api';
import { useTenant, type Connection } from '../../lib/clinic';
import { queryKeys } from '../../lib/query-keys';
import { toast } from '../../ui/toast';

export type WebhookReport = Schema['WebhookReport'];

/** Makes the page's connection be read anew. */
function useReadAnew() {
  const tenant = useTenant();
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: queryKeys.connection(tenant) });
}

/** Saves the key or what belongs to it; the page's connection is the answer. */
export function useSaveConnection(conn: Connection, saved: (c: Connection) => void) {
  const tenant = useTenant();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (put: Schema['PutConnectionInputBody']) =>
      body(
        api.PUT('/v1/tenants/{tenant}/connection', {
          params: { path: { tenant }, header: ifMatch(conn.version) },
          body: put,
        }),
      ),
    onSuccess: (c) => {
      const shown = { ...c };
      delete shown.webhookToken; // shown once, by the page's own memory
      queries.setQueryData(queryKeys.connection(tenant), shown);
      saved(c);
    },
    onError: useReadAnew(),
  });
}

/** Moves the clinic to production, and goes on there: the page is loaded anew, by a session of the new tenant. */
export function useMoveToProduction() {
  const tenant = useTenant();
  return useMutation({
    mutationFn: (key: Schema['MoveToProductionInputBody']) =>
      body(
        api.POST('/v1/tenants/{tenant}/connection/production', {
          params: { path: { tenant }, header: idempotencyKey() },
          body: key,
        }),
      ),
    onSuccess: () => location.reload(),
  });
}

/** Ends the connection. */
export function useDisconnect(conn: Connection) {
  const tenant = useTenant();
  return useMutation({
    mutationFn: () =>
      body(
        api.DELETE('/v1/tenants/{tenant}/connection', { params: { path: { tenant }, header: ifMatch(conn.version) } }),
      ),
    onSettled: useReadAnew(),
    onSuccess: (r) => toast(r.detail ?? 'Clínica desconectada do Asaas.'),
  });
}

/** Makes a token to be pasted into Asaas's panel; the answer is the only one that holds it. */
export function useIssueToken(conn: Connection, issued: (token: string) => void) {
  const tenant = useTenant();
  return useMutation({
    mutationFn: () =>
      body(
        api.POST('/v1/tenants/{tenant}/connection/token', {
          params: { path: { tenant }, header: ifMatch(conn.version) },
        }),
      ),
    onSuccess: (c) => issued(c.webhookToken ?? ''),
    onSettled: useReadAnew(),
  });
}

const rotateToken = (tenant: string, conn: Connection) =>
  body(
    api.POST('/v1/tenants/{tenant}/connection/token/rotate', {
      params: { path: { tenant }, header: { ...ifMatch(conn.version), ...idempotencyKey() } },
    }),
  );

/** Puts a new token in place at Asaas, and ends those that it replaced. */
export function useWebhookTokens(conn: Connection) {
  const tenant = useTenant();
  const onSettled = useReadAnew();
  const rotate = useMutation({
    mutationFn: () => rotateToken(tenant, conn),
    onSettled,
    onSuccess: () => toast('Token trocado.'),
  });
  const revoke = useMutation({
    mutationFn: () =>
      body(
        api.POST('/v1/tenants/{tenant}/connection/token/revoke', {
          params: { path: { tenant }, header: ifMatch(conn.version) },
        }),
      ),
    onSettled,
    onSuccess: () => toast('Tokens antigos revogados.'),
  });
  return { rotate, revoke };
}

/** Puts our token in the place of another one that Asaas used, then goes on. */
export function useMendToken(conn: Connection, mended: () => void) {
  const tenant = useTenant();
  const readAnew = useReadAnew();
  return useMutation({
    mutationFn: () => rotateToken(tenant, conn),
    onSuccess: async () => {
      await readAnew(); // the test that follows names the version that it saw
      mended();
    },
    onError: readAnew,
  });
}

/** Sets the webhook up at Asaas, and reads back how it stands there. */
export function useEnsureWebhook(conn: Connection, email: string, ready: () => void) {
  const tenant = useTenant();
  const readAnew = useReadAnew();
  return useMutation({
    mutationFn: (keepOne: boolean) =>
      body(
        api.POST('/v1/tenants/{tenant}/connection/webhook', {
          params: { path: { tenant }, header: ifMatch(conn.version) },
          body: { notificationEmail: email || undefined, keepOne },
        }),
      ),
    onSuccess: async (report) => {
      await readAnew(); // the test that follows names the version that it saw
      if (report.ok) ready();
    },
    onError: readAnew,
  });
}

const fetchReport = (tenant: string) =>
  body(api.GET('/v1/tenants/{tenant}/connection/webhook', { params: { path: { tenant } } }));

/** Reads, when asked, how the webhook stands at Asaas. */
export function useReadWebhook(read: () => void) {
  const tenant = useTenant();
  return useMutation({ mutationFn: () => fetchReport(tenant), onSettled: read });
}

/** How the webhook stands at Asaas, read every half minute. */
export function useWebhookReport() {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.webhookReport(tenant),
    refetchInterval: 30_000,
    retry: false,
    queryFn: () => fetchReport(tenant),
  });
}

/** Begins the full test: a checkout that is opened and cancelled, and the events of both. */
export function useFullTest(conn: Connection) {
  const tenant = useTenant();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => {
      // As it is now, also right after a change that the component has not been drawn with.
      const { version } = queries.getQueryData<Connection>(queryKeys.connection(tenant)) ?? conn;
      return body(
        api.POST('/v1/tenants/{tenant}/connection/test', {
          params: { path: { tenant }, header: ifMatch(version) },
          body: { confirm: true },
        }),
      );
    },
  });
}
