//! The HTTP endpoints as OpenAPI 3.1, with every topic type's values typed.
//!
//! What is the same for all topic types stands in `frame.json`, whose names begin with `presence.`;
//! the paths and schemas of each type are added here. Tests of the server hold the two together.

mod definitions;

use serde_json::{Value as Json, json};

use super::{Registered, Topics};
use definitions::Definitions;

const FRAME: &str = include_str!("frame.json");

impl Topics {
    /// The endpoints that serve these topic types, as an OpenAPI 3.1 document.
    #[must_use]
    pub fn openapi(&self) -> Json {
        let mut document: Json = serde_json::from_str(FRAME).expect("the frame is JSON");
        let mut definitions = Definitions::default();
        for topic in self.iter() {
            let values = definitions.add(topic);
            let schema = topic.schema;
            let pattern = schema.pattern();
            let path = |verb: &str| format!("/{pattern}/{verb}");
            let paths = &mut document["paths"];
            paths[path("heartbeat")] = json!({ "post": heartbeat(topic, &values.input) });
            paths[path("leave")] = json!({ "post": leave(topic) });
            paths[path("value")] = json!({ "get": value(topic, &values.output) });
            paths[path("changes")] = json!({ "get": changes(topic) });
            paths[path("history")] = json!({ "get": history(topic) });
            document["tags"]
                .as_array_mut()
                .expect("the frame has tags")
                .push(json!({ "name": schema.name(), "description": format!("The topics `{pattern}`.") }));
        }
        document["paths"]["/schemas/{name}"] = json!({ "get": schemas(self) });
        let schemas = document["components"]["schemas"].as_object_mut();
        schemas
            .expect("the frame has schemas")
            .extend(definitions.into_schemas());
        document
    }
}

fn heartbeat(topic: &Registered, input: &str) -> Json {
    let body = json!({
        "type": "object",
        "properties": {
            "value": schema(input),
            "ttlMs": {
                "type": "integer",
                "minimum": 1000,
                "maximum": u64::try_from(topic.settings.max_ttl.as_millis()).unwrap_or(u64::MAX),
            },
            "n": schema("presence.Count"),
            "activity": schema("presence.Activity"),
            "hidden": { "type": "boolean" },
            "following": schema("presence.Users"),
            "schema": schema("presence.Contract"),
        },
        "additionalProperties": false,
    });
    let mut operation = operation(
        topic,
        "heartbeat",
        "Announces a value, or renews without one.",
    );
    operation["parameters"] = parameters(topic, &["presence.Session"]);
    operation["requestBody"] = json!({ "content": content(&body) });
    operation["responses"]["200"] = response("presence.Acknowledged");
    operation
}

fn leave(topic: &Registered) -> Json {
    let mut operation = operation(topic, "leave", "Stops being present.");
    operation["description"] =
        "The end of a page, which cannot set headers, says the session's key \
                                as `session` in the body instead."
            .into();
    operation["parameters"] = parameters(topic, &["presence.Session"]);
    operation["requestBody"] = json!({ "content": content(&schema("presence.Leave")) });
    operation["responses"]["200"] = response("presence.Left");
    operation
}

fn value(topic: &Registered, output: &str) -> Json {
    let entry = json!({
        "allOf": [schema("presence.Entry"), { "properties": { "value": schema(output) } }],
    });
    let page = json!({
        "type": "object",
        "properties": {
            "topic": schema("presence.Topic"),
            "at": schema("presence.Position"),
            "nowMs": schema("presence.Count"),
            "counts": schema("presence.Counts"),
            "entries": { "type": "array", "items": entry },
            "next": { "type": "string" },
        },
        "required": ["topic", "at", "nowMs", "counts", "entries"],
    });
    let mut operation = operation(topic, "value", "Who is there, 1,000 entries at a time.");
    operation["parameters"] = parameters(topic, &["presence.After"]);
    operation["responses"]["200"] = json!({
        "description": "A page of entries.",
        "headers": { "ETag": { "description": "The position.", "schema": { "type": "string" } } },
        "content": content(&page),
    });
    operation
}

fn changes(topic: &Registered) -> Json {
    let summary = "What happens, as a stream of server-sent events.";
    let mut operation = operation(topic, "changes", summary);
    let further = ["presence.Watcher", "presence.Since", "presence.Filter"];
    operation["parameters"] = parameters(topic, &further);
    operation["responses"]["200"] = response("presence.Stream");
    operation
}

fn history(topic: &Registered) -> Json {
    let summary = "What became of members lately, and what led to it.";
    let mut operation = operation(topic, "history", summary);
    let further = ["presence.OfUser", "presence.OfMember", "presence.Before"];
    operation["parameters"] = parameters(topic, &further);
    operation["responses"]["200"] = response("presence.History");
    operation
}

fn schemas(topics: &Topics) -> Json {
    let names = topics.iter().flat_map(|it| {
        let name = it.schema.name();
        [name.to_owned(), format!("{name}.output")]
    });
    json!({
        "operationId": "schema",
        "summary": "What may be sent of a type, or what is received, as JSON Schema.",
        "tags": ["presence"],
        "parameters": [{
            "name": "name",
            "in": "path",
            "required": true,
            "schema": { "enum": names.collect::<Vec<_>>() },
        }],
        "responses": {
            "200": {
                "description": "A JSON Schema.",
                "content": { "application/schema+json": { "schema": { "type": "object" } } },
            },
            "4XX": response("presence.Refused"),
        },
    })
}

/// What all operations of a topic type have in common.
fn operation(topic: &Registered, verb: &str, summary: &str) -> Json {
    let name = topic.schema.name();
    json!({
        "operationId": format!("{name}.{verb}"),
        "summary": summary,
        "tags": [name],
        "responses": { "4XX": response("presence.Refused"), "503": response("presence.Refused") },
    })
}

/// The parameters of the pattern, and further ones.
fn parameters(topic: &Registered, further: &[&str]) -> Json {
    let own = topic.schema.pattern().parameters().map(|name| {
        json!({ "name": name, "in": "path", "required": true, "schema": schema("presence.Segment") })
    });
    let further = further
        .iter()
        .map(|name| json!({ "$ref": format!("#/components/parameters/{name}") }));
    own.chain(further).collect()
}

fn schema(name: &str) -> Json {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn response(name: &str) -> Json {
    json!({ "$ref": format!("#/components/responses/{name}") })
}

fn content(schema: &Json) -> Json {
    json!({ "application/json": { "schema": schema } })
}

#[cfg(test)]
mod tests;
