// Read an installation's documents and its signature as the server's own code does.
//
// node documents.mjs NODE_MODULES < JSON of metadata, keys, form and issuer
import { pathToFileURL } from 'node:url'

const [modules] = process.argv.slice(2)
const load = (path) => import(pathToFileURL(`${modules}/@atproto/${path}`))
const { oauthClientCredentialsSchema, oauthClientMetadataSchema } = await load('oauth-types/dist/index.js')
const { ClientManager } = await load('oauth-provider/dist/client/client-manager.js')
const { Client } = await load('oauth-provider/dist/client/client.js')
const { jwksPubSchema } = await load('jwk/dist/index.js')

const { metadata, keys, form, issuer } = JSON.parse((await process.stdin.toArray()).join(''))
const manager = Object.create(ClientManager.prototype)
manager.serverMetadata = { grant_types_supported: ['authorization_code', 'refresh_token'] }
const said = manager.validateClientMetadata(
  metadata.client_id,
  oauthClientMetadataSchema.parse(metadata),
)
const client = new Client(metadata.client_id, said, jwksPubSchema.parse(keys), {})
const known = await client.authenticate(oauthClientCredentialsSchema.parse(form), {
  authorizationServerIdentifier: issuer,
})
console.log(JSON.stringify({ ...known, confidential: client.isConfidential }))
