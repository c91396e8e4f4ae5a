// Bluesky's reference server and the directory of its accounts, in one process with its data below
// a folder. Says where they listen in one line of JSON, and ends with its starter.
//
// node server.mjs NODE_MODULES FOLDER HOSTNAME BYPASS_KEY JWT_SECRET ADMIN_PASSWORD
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [modules, folder, hostname, bypassKey, jwtSecret, adminPassword] = process.argv.slice(2)
const found = createRequire(`${modules}/`)
const load = (name) => import(pathToFileURL(name.startsWith('/') ? name : found.resolve(name)))

const plc = await load('@did-plc/server')
const { PlcServer, Database } = plc.default ?? plc
const { PDS, envToCfg, envToSecrets } = await load('@atproto/pds')

const directory = PlcServer.create({ db: Database.mock(), port: 0 })
const directoryPort = (await directory.start()).address().port

const settings = {
  devMode: true,
  port: 0,
  hostname,
  didPlcUrl: `http://127.0.0.1:${directoryPort}`,
  dataDirectory: folder,
  blobstoreDiskLocation: `${folder}/blobs`,
  serviceHandleDomains: ['.test'],
  inviteRequired: false,
  rateLimitsEnabled: true,
  rateLimitBypassKey: bypassKey,
  jwtSecret,
  adminPassword,
  plcRotationKeyK256PrivateKeyHex: randomBytes(32).toString('hex'),
}
const pds = await PDS.create(envToCfg(settings), envToSecrets(settings))
const server = await pds.start()

// The server keeps fields and kinds that no lexicon knows, and no app reads them: say their paths.
const unknown = (value, schema, path) => {
  switch (schema.type) {
    case 'record':
    case 'typedObject':
      return unknown(value, schema.schema, path)
    case 'array':
      return value.flatMap((each, at) => unknown(each, schema.validator, `${path}[${at}]`))
    case 'typedUnion':
      return unknown(value, schema.validatorsMap.get(value.$type) ?? { type: 'no kind' }, path)
    case 'no kind':
      return [`${path}: ${value.$type}`]
    case 'object':
      return Object.entries(value).flatMap(([name, each]) => {
        if (name === '$type') return []
        const known = schema.shape[name]
        return known ? unknown(each, known, `${path}.${name}`) : [`${path}.${name}`]
      })
    default:
      return schema.validator ? unknown(value, schema.validator, path) : []
  }
}
const { walk } = await load('@atproto/lex')
const lexicons = await load(`${modules}/@atproto/pds/dist/lexicons/index.js`)
const records = new Map(
  [...walk(lexicons)].filter((each) => each.type === 'record').map((each) => [each.$type, each]),
)
const reader = createServer(async (request, response) => {
  const record = JSON.parse((await request.toArray()).join(''))
  response.end(JSON.stringify(unknown(record, records.get(record.$type), record.$type)))
}).listen(0, '127.0.0.1', () => {
  const ports = { directory: directoryPort, server: server.address().port, lexicons: reader.address().port }
  console.log(JSON.stringify(ports))
})
