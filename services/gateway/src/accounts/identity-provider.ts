import { Inject, Injectable } from '@nestjs/common';
import { NotFound, ProviderRefused, Unavailable } from '@eoffice/contracts';
import type { Log } from '@eoffice/platform/log';
import { ServiceLog } from '@eoffice/platform/tokens';
import * as oidc from 'openid-client';
import { Strategy, type StrategyOptions, type VerifyFunction } from 'openid-client/passport';
import { Passport } from 'passport';
import { GatewaySettings } from '../config.js';
import type { Identity } from './handovers.js';

const timeoutSeconds = 5;
const lookAgainMs = 3_600_000;
const strategyName = 'province';

/** Methods (RFC 8176) by which a provider says that it asked for more than a password. */
const secondFactorMethods = ['otp', 'mfa', 'hwk', 'swk', 'sc'];

/** What a sign-in must remember between its two requests; the browser keeps it, encrypted. */
export type SignInState = Record<string, unknown>;

type Outcome = { sendTo: string } | { identity: Identity };

/** The province's identity provider, found when first needed (OpenID Connect Discovery 1.0). */
@Injectable()
export class IdentityProvider {
  private readonly passport = new Passport();
  private found?: { until: number };
  private looking?: Promise<void>;

  constructor(
    private readonly settings: GatewaySettings,
    @Inject(ServiceLog) private readonly log: Log,
  ) {}

  /** Where to send the browser; what to remember is put into `state`. Throws NotFound or Unavailable. */
  async begin(state: SignInState): Promise<string> {
    const outcome = await this.run(state, this.callbackUrl);
    if ('sendTo' in outcome) return outcome.sendTo;
    throw new ProviderRefused();
  }

  /**
   * Who came back, with the query of the callback.
   * Throws ProviderRefused for whatever does not fit, NotFound or Unavailable.
   */
  async finish(state: SignInState, query: URLSearchParams): Promise<Identity> {
    const url = new URL(this.callbackUrl);
    url.search = query.toString();
    const outcome = await this.run(state, url);
    if ('identity' in outcome) return outcome.identity;
    throw new ProviderRefused();
  }

  private get callbackUrl(): URL {
    return new URL('/v1/sessions/oidc/callback', this.settings.publicUrl);
  }

  private async run(session: SignInState, url: URL): Promise<Outcome> {
    issuerOf(this.settings);
    await this.discovered();
    try {
      return await new Promise<Outcome>((resolve, reject) => {
        const done = (error: unknown, identity?: Identity | false) =>
          error ? reject(error) : identity ? resolve({ identity }) : reject(new ProviderRefused());
        const authenticate = this.passport.authenticate(strategyName, done) as (
          request: object,
          response: object,
          next: (error?: unknown) => void,
        ) => void;
        const response = {
          setHeader: (name: string, value: string) =>
            name === 'Location' && resolve({ sendTo: value }),
          end: () => undefined,
        };
        authenticate({ method: 'GET', url, session, headers: {} }, response, reject);
      });
    } catch (error) {
      throw this.problemOf(error);
    }
  }

  /** Finds the provider, once for all who wait. What was found before serves while it is away. */
  private async discovered(): Promise<void> {
    if (this.found && this.found.until > Date.now()) return;
    this.looking ??= this.discover().finally(() => (this.looking = undefined));
    try {
      await this.looking;
    } catch (error) {
      this.log.warn({ reason: reasonOf(error) }, 'identity provider was not found');
      if (!this.found) throw Object.assign(new Unavailable(), { cause: error });
    }
  }

  private async discover() {
    const { oidcClientId, oidcClientSecret } = this.settings;
    const server = new URL(issuerOf(this.settings));
    const execute = [oidc.enableNonRepudiationChecks];
    if (isLoopback(server)) execute.push(oidc.allowInsecureRequests);
    const config = await oidc.discovery(
      server,
      oidcClientId!,
      oidcClientSecret,
      // What a provider says of itself decides, and is known only afterwards.
      (as, client, body, headers) =>
        authenticationOf(as, oidcClientSecret)(as, client, body, headers),
      { execute, timeout: timeoutSeconds },
    );
    this.passport.use(strategyName, this.strategyOf(config));
    this.found = { until: Date.now() + lookAgainMs };
  }

  private strategyOf(config: oidc.Configuration): Strategy {
    const acr = listOf(this.settings.oidcSecondFactorAcr);
    const issuer = issuerOf(this.settings);
    const verify: VerifyFunction = (tokens, verified) => {
      const claims = tokens.claims();
      if (!claims?.sub) return verified(null, false);
      const methods = Array.isArray(claims.amr) ? claims.amr : [];
      const secondFactor =
        methods.some((method) => secondFactorMethods.includes(method as string)) ||
        acr.includes(claims.acr as string);
      return verified(null, { issuer, subject: claims.sub, secondFactor } as Identity);
    };
    return new ProvinceStrategy(
      { config, scope: 'openid', callbackURL: this.callbackUrl },
      verify,
      acr,
    );
  }

  private problemOf(error: unknown) {
    if (error instanceof ProviderRefused) return error;
    const reason = reasonOf(error);
    this.log.warn({ reason }, 'sign-in at the identity provider failed');
    return Object.assign(isAway(error) ? new Unavailable() : new ProviderRefused(), {
      cause: error,
    });
  }
}

/** Adds to PKCE what not every provider is known to check: `state`, and a `nonce` in the ID token. */
class ProvinceStrategy extends Strategy {
  constructor(
    options: StrategyOptions,
    verify: VerifyFunction,
    private readonly acr: string[],
  ) {
    super(options, verify);
  }

  override authorizationRequestParams() {
    const parameters = new URLSearchParams({
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
    });
    if (this.acr.length > 0) parameters.set('acr_values', this.acr.join(' '));
    return parameters;
  }

  override currentUrl(request: { url: unknown }): URL {
    return request.url as URL;
  }
}

/** The provider's issuer, in one spelling. Throws NotFound where no provider is set up. */
export function issuerOf({ oidcIssuer, oidcClientId }: GatewaySettings): string {
  if (oidcIssuer && oidcClientId) return new URL(oidcIssuer).href;
  throw new NotFound({
    vi: 'Chưa cấu hình đăng nhập qua hệ thống xác thực của tỉnh',
    en: 'No identity provider is set up',
  });
}

function authenticationOf(
  { token_endpoint_auth_methods_supported: methods }: oidc.ServerMetadata,
  secret: string | undefined,
): oidc.ClientAuth {
  if (!secret) return oidc.None();
  return !methods || methods.includes('client_secret_basic')
    ? oidc.ClientSecretBasic(secret)
    : oidc.ClientSecretPost(secret);
}

/** Whether the provider did not answer, or answered that it cannot. */
function isAway(error: unknown): boolean {
  for (let each = error; each; each = (each as { cause?: unknown }).cause) {
    const { code, status, message } = each as { code?: string; status?: number; message?: string };
    if (['OAUTH_TIMEOUT', 'OAUTH_ABORT'].includes(code ?? '') || (status ?? 0) >= 500) return true;
    if (message === 'fetch failed' || message === 'terminated') return true;
  }
  return false;
}

/** Why, without what the provider sent: that may hold tokens. */
function reasonOf(error: unknown): string {
  const { code, message, cause } = error as { code?: string; message: string; cause?: unknown };
  const below = cause instanceof Error ? ` (${cause.message})` : '';
  return `${code ?? ''} ${message}${below}`.trim().slice(0, 300);
}

const isLoopback = ({ hostname }: URL) => ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
const listOf = (text = '') =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean);
