-- Who is this request from? Runs first on every request that reaches the ingress gateway.
--
-- 1. Removes every identity header that came with the request, whoever sent it.
-- 2. Verifies the token of the load balancer (x-amzn-oidc-data): signature, signer, client, issuer, expiry.
-- 3. Sets kubeflow-userid from its verified e-mail and marks the request as verified. The AuthorizationPolicy
--    behind this filter admits nothing without that mark, so that a filter that is missing lets nobody in.
--
-- Whatever goes wrong is a 401 with its reason in the log. An error that leaves this script would let the request
-- through, hence the pcall at the end. Settings are the route metadata that platform/definitions writes once the
-- user pool exists; without them every request is refused.

local NAMESPACE = "envoy.filters.http.lua"
local TOKEN_HEADER = "x-amzn-oidc-data"
local MAX_TOKEN_BYTES = 16384
local MAX_JSON_DEPTH = 8
local CLOCK_SKEW_SECONDS = 60
local KEY_TIMEOUT_MS = 3000
local KEY_SECONDS = 86400      -- a key is asked for again after a day,
local MISS_SECONDS = 10        -- and one that could not be had, after ten seconds
local NEW_KEYS_A_SECOND = 10   -- whoever sends a token chooses its key id: this bounds what that costs
local ALB_COOKIE = "AWSELBAuthSessionCookie"
local ALB_COOKIE_SHARDS = 4    -- 16 KB, more than an ALB accepts

-- Refusals are raised as tables; anything else that is raised is a fault of this script.
local function refuse(reason)
  error({ reason = reason })
end

local function require_that(condition, reason)
  if not condition then refuse(reason) end
end

-- One of the settings that the gateway cannot do without.
local function setting(handle, name)
  local value = handle:metadata():get(name)
  require_that(type(value) == "string" and value ~= "", "the gateway does not know its user pool yet")
  return value
end

-- A bounded cache of two generations: what was not used while `limit` others came in is forgotten.
local function new_cache(limit)
  local young, old, count = {}, {}, 0
  local cache = {}
  function cache.put(key, value)
    if young[key] == nil then
      if count >= limit then young, old, count = {}, young, 0 end
      count = count + 1
    end
    young[key] = value
  end
  function cache.get(key)
    local value = young[key]
    if value == nil then
      value = old[key]
      if value ~= nil then cache.put(key, value) end
    end
    return value
  end
  return cache
end

local tokens = new_cache(256)  -- token text -> header and claims, after its signature was verified
local keys = new_cache(32)     -- key id -> public key; misses live apart, so that they cannot push keys out
local misses = new_cache(256)  -- key id -> time at which it may be asked for again

-- Base64 ---------------------------------------------------------------------------------------------------------

local function alphabet(last_two)
  local values = {}
  local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" .. last_two
  for i = 1, 64 do values[letters:byte(i)] = i - 1 end
  return values
end

local URL_SAFE, STANDARD = alphabet("-_"), alphabet("+/")

-- The bytes, or nil for text that no encoder writes: one text for one value, so nothing can be varied unseen.
local function decode_base64(text, values)
  local body, padding = text:match("^([^=]*)(=*)$")
  if not body or #body % 4 == 1 or (padding ~= "" and (#text % 4 ~= 0 or #padding > 2)) then return nil end
  local out, buffer, bits = {}, 0, 0
  for i = 1, #body do
    local value = values[body:byte(i)]
    if not value then return nil end
    buffer, bits = buffer * 64 + value, bits + 6
    if bits >= 8 then
      bits = bits - 8
      local unit = 2 ^ bits
      local byte = math.floor(buffer / unit)
      out[#out + 1] = string.char(byte)
      buffer = buffer - byte * unit
    end
  end
  if buffer ~= 0 then return nil end
  return table.concat(out)
end

-- JSON -----------------------------------------------------------------------------------------------------------

local ESCAPES = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }
local parse_value

local function malformed()
  refuse("the token holds malformed JSON")
end

local function utf8_bytes(code)
  if code < 0x80 then return string.char(code) end
  if code < 0x800 then return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64) end
  return string.char(0xE0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
end

-- `at` is the place after the opening quote; gives the string and the place after the closing quote.
local function parse_string(text, at)
  local parts = {}
  while true do
    local stop = text:find('["\\%c]', at)
    if not stop then malformed() end
    parts[#parts + 1] = text:sub(at, stop - 1)
    local mark = text:sub(stop, stop)
    if mark == '"' then return table.concat(parts), stop + 1 end
    if mark ~= "\\" then malformed() end
    local kind = text:sub(stop + 1, stop + 1)
    if kind == "u" then
      -- Surrogate halves stay apart: no claim that is looked at may hold anything but ASCII.
      local digits = text:match("^%x%x%x%x", stop + 2) or malformed()
      parts[#parts + 1] = utf8_bytes(tonumber(digits, 16))
      at = stop + 6
    else
      parts[#parts + 1] = ESCAPES[kind] or malformed()
      at = stop + 2
    end
  end
end

local function skip(text, at)
  return text:find("[^ \t\r\n]", at) or #text + 1
end

local function parse_object(text, at, depth)
  local object = {}
  at = skip(text, at)
  if text:sub(at, at) == "}" then return object, at + 1 end
  while true do
    if text:sub(at, at) ~= '"' then malformed() end
    local name
    name, at = parse_string(text, at + 1)
    at = skip(text, at)
    -- A name that comes twice means one thing to one reader and another to the next.
    if text:sub(at, at) ~= ":" or object[name] ~= nil then malformed() end
    object[name], at = parse_value(text, skip(text, at + 1), depth)
    at = skip(text, at)
    local mark = text:sub(at, at)
    if mark == "}" then return object, at + 1 end
    if mark ~= "," then malformed() end
    at = skip(text, at + 1)
  end
end

local function parse_array(text, at, depth)
  local array = {}
  at = skip(text, at)
  if text:sub(at, at) == "]" then return array, at + 1 end
  while true do
    array[#array + 1], at = parse_value(text, at, depth)
    at = skip(text, at)
    local mark = text:sub(at, at)
    if mark == "]" then return array, at + 1 end
    if mark ~= "," then malformed() end
    at = skip(text, at + 1)
  end
end

local NULL = {}
local LITERALS = { ["true"] = true, ["false"] = false, ["null"] = NULL }

function parse_value(text, at, depth)
  if depth > MAX_JSON_DEPTH then malformed() end
  local mark = text:sub(at, at)
  if mark == '"' then return parse_string(text, at + 1) end
  if mark == "{" then return parse_object(text, at + 1, depth + 1) end
  if mark == "[" then return parse_array(text, at + 1, depth + 1) end
  local word = text:match("^[%w+.-]+", at) or malformed()
  local value = LITERALS[word]
  if value == nil and word:find("^-?%d+%.?%d*[eE]?[+-]?%d*$") then value = tonumber(word) end
  if value == nil then malformed() end
  return value, at + #word
end

local function parse_json(text)
  local value, at = parse_value(text, skip(text, 1), 1)
  if skip(text, at) <= #text or type(value) ~= "table" then malformed() end
  return value
end

-- Signature ------------------------------------------------------------------------------------------------------

-- What precedes the 64 bytes of a point in the DER form of a P-256 public key. ES256 knows no other curve.
local P256_PREFIX = "\48\89\48\19\6\7\42\134\72\206\61\2\1\6\8\42\134\72\206\61\3\1\7\3\66\0\4"

local PEM = "^%s*%-%-%-%-%-BEGIN PUBLIC KEY%-%-%-%-%-(.-)%-%-%-%-%-END PUBLIC KEY%-%-%-%-%-%s*$"

local function key_from_pem(pem)
  local text = pem and #pem < 4096 and pem:match(PEM)
  local der = text and decode_base64(text:gsub("%s", ""), STANDARD)
  if der and #der == #P256_PREFIX + 64 and der:sub(1, #P256_PREFIX) == P256_PREFIX then return der end
  return nil
end

local function der_integer(bytes)
  bytes = bytes:gsub("^%z+", "")
  if bytes == "" or bytes:byte() >= 0x80 then bytes = "\0" .. bytes end
  return "\2" .. string.char(#bytes) .. bytes
end

-- A token carries the two numbers of a signature side by side; the crypto library wants them in DER.
local function der_signature(raw)
  local body = der_integer(raw:sub(1, 32)) .. der_integer(raw:sub(33))
  return "\48" .. string.char(#body) .. body
end

local fetches = { second = 0, count = 0, ids = {} }

-- Requests that wait for the same key count once: a page that opens with many requests is no flood.
local function count_fetch(kid, now)
  if fetches.second ~= now then fetches = { second = now, count = 0, ids = {} } end
  if fetches.ids[kid] then return end
  require_that(fetches.count < NEW_KEYS_A_SECOND, "too many unknown signing keys in this second")
  fetches.count = fetches.count + 1
  fetches.ids[kid] = true
end

local function public_key(handle, kid, now)
  local known = keys.get(kid)
  if known and known.until_time > now then return known.der end
  local again_at = misses.get(kid)
  require_that(not again_at or again_at <= now, "the signing key could not be had a moment ago")
  count_fetch(kid, now)
  local headers, body = handle:httpCall(setting(handle, "key_cluster"), {
    [":method"] = "GET",
    [":authority"] = setting(handle, "key_host"),
    [":path"] = setting(handle, "key_path") .. kid,
  }, nil, KEY_TIMEOUT_MS)
  local der = headers[":status"] == "200" and key_from_pem(body)
  if not der then
    misses.put(kid, now + MISS_SECONDS)
    refuse("the signing key " .. kid .. " could not be fetched: status " .. tostring(headers[":status"]))
  end
  keys.put(kid, { der = der, until_time = now + KEY_SECONDS })
  return der
end

local function check_signature(handle, kid, signed_text, signature, now)
  local key = handle:importPublicKey(public_key(handle, kid, now), #P256_PREFIX + 64):get()
  local der = der_signature(signature)
  local ok = handle:verifySignature("SHA256", key, der, #der, signed_text, #signed_text)
  require_that(ok, "the signature does not match")
end

-- Token ----------------------------------------------------------------------------------------------------------

local function decode_part(text)
  local json = decode_base64(text, URL_SAFE)
  require_that(json, "the token is not base64url")
  return parse_json(json)
end

local SIGNER_END = "^" .. ("[0-9a-f]"):rep(16) .. "$"
local KID = "^" .. ("%x"):rep(8) .. ("%-" .. ("%x"):rep(4)):rep(4) .. ("%x"):rep(8) .. "$"

local function check_header(settings, header)
  require_that(header.alg == "ES256", "the token's algorithm is not ES256")
  require_that(header.typ == nil or header.typ == "JWT", "the token's type is not JWT")
  require_that(header.crit == nil, "the token demands an extension")
  require_that(type(header.kid) == "string" and header.kid:find(KID), "the token's key id is malformed")
  local signer, prefix = header.signer, settings.signer_prefix
  require_that(type(signer) == "string" and signer:sub(1, #prefix) == prefix
    and signer:find(SIGNER_END, #prefix + 1), "the token is signed for another load balancer")
  require_that(header.client == settings.client, "the token is for another client")
  require_that(header.iss == settings.issuer, "the token's header is of another issuer")
end

local function has_begun(time, now)
  return time == nil or (type(time) == "number" and time <= now + CLOCK_SKEW_SECONDS)
end

local function check_times(part, now)
  require_that(type(part.exp) == "number" and part.exp > now, "the token has expired, or never does")
  require_that(has_begun(part.nbf, now) and has_begun(part.iat, now), "the token is not valid yet")
end

-- The token's header and claims, once its signature is known to be the load balancer's. Only what verified is kept.
local function verified_token(handle, settings, text, now)
  local known = tokens.get(text)
  if known then return known end
  require_that(#text <= MAX_TOKEN_BYTES, "the token is too long")
  local header_text, payload_text, signature_text = text:match("^([^.]+)%.([^.]+)%.([^.]+)$")
  require_that(header_text, "the token has not three parts")
  local signature = decode_base64(signature_text, URL_SAFE)
  require_that(signature and #signature == 64, "the token's signature is malformed")
  local token = { header = decode_part(header_text) }
  check_header(settings, token.header)
  check_times(token.header, now)
  check_signature(handle, token.header.kid, header_text .. "." .. payload_text, signature, now)
  token.claims = decode_part(payload_text)
  tokens.put(text, token)
  return token
end

-- Federated users often come without email_verified. Their address counts if every provider that is linked to
-- them is one that the environment's answers trust; Cognito sends the list of providers as JSON in a string.
local function of_trusted_provider(handle, claims)
  local trusted = handle:metadata():get("trusted_providers")
  if type(trusted) ~= "table" or claims.identities == nil then return false end
  local identities = claims.identities
  if type(identities) == "string" then identities = parse_json(identities) end
  local names = {}
  for _, name in ipairs(trusted) do names[name] = true end
  for _, identity in ipairs(identities) do
    if not names[identity.providerName] then return false end
  end
  return #identities > 0
end

local EMAIL = "^[%w.!#$&'*+/=?^_`{|}~%%-]+@[%w.-]+$"

local function verified_email(handle, claims)
  local email = claims.email
  local usable = type(email) == "string" and #email <= 254 and email:find(EMAIL)
  require_that(usable, "the token holds no usable e-mail address")
  local verified = claims.email_verified == "true" or of_trusted_provider(handle, claims)
  require_that(verified, "the e-mail address is not verified")
  return email
end

-- Request --------------------------------------------------------------------------------------------------------

-- Every header that names a user. Some servers take kubeflow_userid for kubeflow-userid, so both spellings go.
local IDENTITY_HEADERS = {
  "kubeflow-userid", "kubeflow_userid", "kubeflow-groups", "kubeflow_groups",
  TOKEN_HEADER, "x-amzn-oidc-identity", "x-amzn-oidc-accesstoken",
}

local function remove_identity_headers(headers)
  for _, name in ipairs(IDENTITY_HEADERS) do headers:remove(name) end
end

-- Log-out needs no identity: it only makes the browser forget the load balancer's session and tells Cognito.
local function log_out(handle)
  local cookies = {}
  for shard = 0, ALB_COOKIE_SHARDS - 1 do
    cookies[#cookies + 1] = ALB_COOKIE .. "-" .. shard
      .. "=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; SameSite=None"
  end
  return {
    [":status"] = "302",
    ["location"] = setting(handle, "logout_location"),
    ["set-cookie"] = cookies,
    ["cache-control"] = "no-store",
  }
end

-- Admits the request (nil), or gives the headers of the answer to send instead of it.
local function admit(handle)
  local headers = handle:headers()
  local count, text = headers:getNumValues(TOKEN_HEADER), headers:get(TOKEN_HEADER)
  remove_identity_headers(headers)
  local settings = {
    client = setting(handle, "client"),
    issuer = setting(handle, "issuer"),
    signer_prefix = setting(handle, "signer_prefix"),
  }
  local host = (headers:get(":authority") or ""):lower():gsub(":%d+$", "")
  if host ~= "" and host == handle:metadata():get("machine_host") then
    -- The load balancer asks nobody to log in here. The token of the machine is verified by the next filters.
    handle:streamInfo():dynamicMetadata():set(NAMESPACE, "machine", "true")
    return nil
  end
  if (headers:get(":path") or ""):match("^[^?#]*") == "/logout" then return log_out(handle) end
  require_that(text and text ~= "", "there is no token")
  require_that(count == 1, "there is more than one token")
  local now = os.time()
  local token = verified_token(handle, settings, text, now)
  check_header(settings, token.header)
  check_times(token.header, now)
  check_times(token.claims, now)
  require_that(token.claims.iss == settings.issuer, "the token's claims are of another issuer")
  handle:headers():replace("kubeflow-userid", verified_email(handle, token.claims))
  handle:streamInfo():dynamicMetadata():set(NAMESPACE, "verified", "true")
  return nil
end

local UNAUTHORIZED = { [":status"] = "401", ["content-type"] = "text/plain", ["cache-control"] = "no-store" }

function envoy_on_request(handle)
  local ok, answer = pcall(admit, handle)
  if ok and answer == nil then return end
  if ok then
    handle:respond(answer, "")
    return
  end
  local reason = type(answer) == "table" and answer.reason or "error in the filter: " .. tostring(answer)
  handle:logWarn("gateway refused a request: " .. reason)
  handle:respond(UNAUTHORIZED, "Not logged in.\n")
end
