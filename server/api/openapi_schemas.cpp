// The shapes of docs/api.md as JSON Schema. Objects are open: a member may be added, none is taken
// away.
#include <array>

#include "server/api/openapi.h"

namespace chieng::server {
namespace {

#define CHIENG_PAGE(item)                                                                                 \
  R"({"type":"object","required":["items","next_cursor","total"],"properties":{"items":{"type":"array",)" \
  R"("items":{"$ref":"#/components/schemas/)" item                                                        \
  R"("}},"next_cursor":{"type":["string","null"]},"total":{"type":"integer","minimum":0}}})"

constexpr std::array kSchemas = {
    NamedSchema{"Anything", R"({"type":"object"})"},
    NamedSchema{
        "Problem",
        R"({"type":"object","required":["type","title","status","detail","code","params"],"properties":{
"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},
"code":{"type":"string","enum":["bad_request","unauthenticated","forbidden","password_change_required","not_found",
"method_not_allowed","conflict","too_large","unsupported_media_type","rate_limited","unavailable","internal"]},
"params":{"type":"object"}}})"},
    NamedSchema{"Time", R"({"type":["string","null"],"format":"date-time"})"},
    NamedSchema{
        "Named",
        R"({"type":"object","required":["id","name"],"properties":{"id":{"type":"string"},"name":{"type":"string"}}})"},
    NamedSchema{"Login",
                R"({"type":"object","additionalProperties":false,"required":["username","password"],
"properties":{"username":{"type":"string"},"password":{"type":"string"}}})"},
    NamedSchema{"PasswordChange",
                R"({"type":"object","additionalProperties":false,"required":["current","new"],
"properties":{"current":{"type":"string"},"new":{"type":"string","minLength":12}}})"},
    NamedSchema{"Session",
                R"({"type":"object","required":["user","csrf","must_change_password"],"properties":{
"user":{"type":"object","required":["id","name","role"],"properties":{"id":{"type":"string"},"name":{"type":"string"},
"role":{"type":"string","enum":["viewer","analyst","admin"]}}},"csrf":{"type":"string"},
"must_change_password":{"type":"boolean"}}})"},
    NamedSchema{
        "Health",
        R"({"type":"object","required":["status"],"properties":{"status":{"type":"string"}}})"},
    NamedSchema{
        "Rule",
        R"({"type":"object","required":["engine","source","gid","sid","rule_id","rev","message","category","severity"],
"properties":{"engine":{"type":"string"},"source":{"type":"string"},"gid":{"type":"integer"},"sid":{"type":"integer"},
"rule_id":{"type":"string"},"rev":{"type":"integer"},"message":{"type":"string"},"category":{"type":"string"},
"severity":{"type":"integer","minimum":1,"maximum":4}}})"},
    NamedSchema{
        "Group",
        R"({"type":"object","required":["id","version","status","agency","rule","src","dst","severity","count",
"rows","first","last","sparkline","agents","escalated"],"properties":{"id":{"type":"string"},"version":{"type":"integer"},
"status":{"type":"string","enum":["open","escalated","archived"]},"agency":{"$ref":"#/components/schemas/Named"},
"rule":{"$ref":"#/components/schemas/Rule"},
"src":{"type":"object","required":["ip","zone","agencies"],"properties":{"ip":{"type":"string"},"zone":{"type":"string"},
"agencies":{"type":"integer"}}},
"dst":{"type":"object","required":["ip","zone"],"properties":{"ip":{"type":"string"},"zone":{"type":"string"}}},
"host":{"type":"string"},"user":{"type":"string"},"severity":{"type":"integer","minimum":1,"maximum":4},
"count":{"type":"integer"},"rows":{"type":"integer"},"first":{"$ref":"#/components/schemas/Time"},
"last":{"$ref":"#/components/schemas/Time"},
"sparkline":{"type":"array","minItems":24,"maxItems":24,"items":{"type":"integer"}},
"agents":{"type":"array","items":{"type":"string"}},"escalated":{"type":"boolean"},
"disposition":{"$ref":"#/components/schemas/Disposition"},"reason":{"type":"string"},"last_action":{"type":"string"},
"reopened":{"type":"object","properties":{"why":{"type":"string"},"at":{"$ref":"#/components/schemas/Time"}}}}})"},
    NamedSchema{"GroupPage", CHIENG_PAGE("Group")},
    NamedSchema{
        "Event",
        R"({"type":"object","required":["id","class","time","observed","received","clock","count","first","last",
"agent","agency","rule_set","event"],"properties":{"id":{"type":"string"},
"class":{"type":"string","enum":["alert","health","evidence","metadata"]},"time":{"$ref":"#/components/schemas/Time"},
"observed":{"$ref":"#/components/schemas/Time"},"received":{"$ref":"#/components/schemas/Time"},
"clock":{"type":"object","properties":{"offset_ms":{"type":"integer"},
"quality":{"type":"string","enum":["unknown","good","suspect"]}}},"count":{"type":"integer"},
"first":{"$ref":"#/components/schemas/Time"},"last":{"$ref":"#/components/schemas/Time"},
"agent":{"$ref":"#/components/schemas/Named"},"agency":{"$ref":"#/components/schemas/Named"},
"rule_set":{"type":"string"},"event":{"type":["object","null"]},"event_text":{"type":"string"}}})"},
    NamedSchema{"EventPage", CHIENG_PAGE("Event")},
    NamedSchema{
        "Disposition",
        R"({"type":"string","enum":["true_positive","expected_activity","false_positive","duplicate"]})"},
    NamedSchema{"ActionKind",
                R"({"type":"string","enum":["archive","escalate","reopen","comment","undo"]})"},
    NamedSchema{
        "ActionRequest",
        R"({"type":"object","additionalProperties":false,"required":["action","version"],"properties":{
"action":{"$ref":"#/components/schemas/ActionKind"},"disposition":{"$ref":"#/components/schemas/Disposition"},
"reason":{"type":"string"},"note":{"type":"string"},"version":{"type":"integer"},"undo_of":{"type":"string"}}})"},
    NamedSchema{
        "Action",
        R"({"type":"object","required":["id","at","user","action"],"properties":{"id":{"type":"string"},
"at":{"$ref":"#/components/schemas/Time"},"user":{"$ref":"#/components/schemas/Named"},
"action":{"$ref":"#/components/schemas/ActionKind"},"disposition":{"$ref":"#/components/schemas/Disposition"},
"reason":{"type":"string"},"note":{"type":"string"},"undoes":{"type":"string"},"undone_by":{"type":"string"}}})"},
    NamedSchema{"ActionPage", CHIENG_PAGE("Action")},
    NamedSchema{"ActionOutcome", R"({"type":"object","required":["action","group"],"properties":{
"action":{"$ref":"#/components/schemas/Action"},"group":{"$ref":"#/components/schemas/Group"}}})"},
    NamedSchema{
        "Incident",
        R"({"type":"object","required":["id","kind","status","entity","agencies","groups","count","first","last",
"severity","params"],"properties":{"id":{"type":"string"},"kind":{"type":"string"},
"status":{"type":"string","enum":["open","closed"]},
"entity":{"type":"object","required":["type","value","zone"],"properties":{"type":{"type":"string"},
"value":{"type":"string"},"zone":{"type":"string"}}},
"agencies":{"type":"array","items":{"$ref":"#/components/schemas/Named"}},
"groups":{"type":"array","items":{"type":"string"}},"count":{"type":"integer"},
"first":{"$ref":"#/components/schemas/Time"},"last":{"$ref":"#/components/schemas/Time"},
"severity":{"type":"integer","minimum":1,"maximum":4},"params":{"type":"object"}}})"},
    NamedSchema{"IncidentPage", CHIENG_PAGE("Incident")},
    NamedSchema{"Count", R"({"type":["integer","null"]})"},
    NamedSchema{
        "Agent",
        R"({"type":"object","required":["id","name","agency","status","last_seen","enrolled","version",
"clock_offset_ms","rules","spool","counters","address"],"properties":{"id":{"type":"string"},"name":{"type":"string"},
"agency":{"$ref":"#/components/schemas/Named"},"status":{"type":"string","enum":["alive","silent","never","revoked"]},
"last_seen":{"$ref":"#/components/schemas/Time"},"enrolled":{"$ref":"#/components/schemas/Time"},
"version":{"type":"string"},"clock_offset_ms":{"$ref":"#/components/schemas/Count"},
"rules":{"type":"object","properties":{"loaded":{"$ref":"#/components/schemas/Count"},
"failed":{"$ref":"#/components/schemas/Count"},"hash":{"type":"string"}}},
"spool":{"type":"object","properties":{"bytes":{"$ref":"#/components/schemas/Count"},
"oldest":{"$ref":"#/components/schemas/Time"}}},
"counters":{"type":"object","properties":{"packets":{"$ref":"#/components/schemas/Count"},
"dropped":{"$ref":"#/components/schemas/Count"},"alerts":{"$ref":"#/components/schemas/Count"},
"events":{"$ref":"#/components/schemas/Count"}}},"address":{"type":"string"}}})"},
    NamedSchema{"AgentPage", CHIENG_PAGE("Agent")},
    NamedSchema{
        "Agency",
        R"({"type":"object","required":["id","parent","name","code","level"],"properties":{"id":{"type":"string"},
"parent":{"type":["string","null"]},"name":{"type":"string"},"code":{"type":"string"},"level":{"type":"string"}}})"},
    NamedSchema{"AgencyPage", CHIENG_PAGE("Agency")},
    NamedSchema{
        "AuditEntry",
        R"({"type":"object","required":["sequence","at","user","action","target","detail","address","hash"],
"properties":{"sequence":{"type":"integer"},"at":{"$ref":"#/components/schemas/Time"},
"user":{"$ref":"#/components/schemas/Named"},"action":{"type":"string"},"target":{"type":"string"},
"detail":{"type":"object"},"address":{"type":"string"},"hash":{"type":"string"}}})"},
    NamedSchema{"AuditPage", CHIENG_PAGE("AuditEntry")},
};

#undef CHIENG_PAGE

}  // namespace

std::span<const NamedSchema> api_schemas() {
  return kSchemas;
}

}  // namespace chieng::server
