-- Who is this machine? Runs last, after the token of a machine was verified and its policy admitted the request.
--
-- The token names the app client that it was issued to, and the environment's answers name the principal that this
-- client acts as. Nothing else in the request has a say. As in verify-identity.lua, whatever goes wrong is a 401.

local function principal_of(handle)
  local metadata = handle:streamInfo():dynamicMetadata()
  local marks = metadata:get("envoy.filters.http.lua") or {}
  if marks.verified == "true" then return nil end
  local settings, token = handle:metadata(), metadata:get("envoy.filters.http.jwt_authn")
  local claims = token and token.payload
  if marks.machine ~= "true" or not claims then error({ reason = "there is no verified machine token" }) end
  if claims.token_use ~= "access" or claims.iss ~= settings:get("issuer") then
    error({ reason = "the machine token is not an access token of the user pool" })
  end
  for _, machine in ipairs(settings:get("machines") or {}) do
    if machine.client == claims.client_id then return machine.principal end
  end
  error({ reason = "the machine token is for an unknown client" })
end

local UNAUTHORIZED = { [":status"] = "401", ["content-type"] = "text/plain", ["cache-control"] = "no-store" }

function envoy_on_request(handle)
  local ok, answer = pcall(function()
    local principal = principal_of(handle)
    if principal then handle:headers():replace("kubeflow-userid", principal) end
  end)
  if ok then return end
  local reason = type(answer) == "table" and answer.reason or "error in the filter: " .. tostring(answer)
  handle:logWarn("gateway refused a request: " .. reason)
  handle:respond(UNAUTHORIZED, "Not logged in.\n")
end
