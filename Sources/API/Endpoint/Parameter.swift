internal import JSON

/// What stands in a request's path, query or headers.
package struct Parameter: Sendable {
    package enum Place: String, Sendable {
        case path, query, header
    }

    package var name: String
    package var place: Place
    package var schema: Schema
    package var description: String
    package var isRequired: Bool

    /// In the query. A list is given as the same name several times.
    package static func query(_ name: String, _ schema: Schema, _ description: String, isRequired: Bool = false)
        -> Parameter
    {
        Parameter(name: name, place: .query, schema: schema, description: description, isRequired: isRequired)
    }

    /// A path's capture that is no UUID; those that nobody declares are UUIDs.
    package static func path(_ name: String, _ schema: Schema, _ description: String) -> Parameter {
        Parameter(name: name, place: .path, schema: schema, description: description, isRequired: true)
    }

    /// A header, for the document: the handler reads it from the request.
    package static func header(_ name: String, _ schema: Schema, _ description: String, isRequired: Bool = false)
        -> Parameter
    {
        Parameter(name: name, place: .header, schema: schema, description: description, isRequired: isRequired)
    }

    var json: JSONValue {
        [
            "name": .string(name), "in": .string(place.rawValue), "required": .bool(isRequired),
            "description": .string(description), "schema": schema.json,
        ]
    }
}
