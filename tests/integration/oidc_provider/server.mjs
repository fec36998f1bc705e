// An OpenID provider on a loopback port: `node server.mjs PORT`. Prints one line when it listens.
//
// Access tokens are JWTs, as the audience and the algorithm of the requested resource say. A program has the role that
// it is called by; a person who logs in, by the provider's own development pages and under any name, is a prosumer.

import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const port = Number(process.argv[2]);

const RESOURCES = {
  'urn:registry': { audience: 'der-registry', alg: 'RS256' },
  'urn:registry:es256': { audience: 'der-registry', alg: 'ES256' },
  'urn:registry:ed25519': { audience: 'der-registry', alg: 'Ed25519' },
  'urn:another': { audience: 'another-api', alg: 'RS256' },
};

function jwk(type, options) {
  return generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' });
}

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    ...['aggregator', 'service'].map((role) => ({
      client_id: role,
      client_secret: 'secret',
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
    })),
    {
      client_id: 'app',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback'],
    },
  ],
  cookies: { keys: ['not a secret'] },
  jwks: {
    keys: [
      jwk('rsa', { modulusLength: 2048 }),
      jwk('ec', { namedCurve: 'P-256' }),
      jwk('ed25519'),
    ],
  },
  extraTokenClaims: (_, token) => ({
    role: token.kind === 'ClientCredentials' ? token.clientId : 'Prosumers',
  }),
  features: {
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'urn:registry',
      useGrantedResource: () => true,
      getResourceServerInfo: (_, resource) => ({
        scope: '',
        audience: RESOURCES[resource].audience,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 3600,
        jwt: { sign: { alg: RESOURCES[resource].alg } },
      }),
    },
  },
});

provider.listen(port, '127.0.0.1', () => console.log('listening'));
