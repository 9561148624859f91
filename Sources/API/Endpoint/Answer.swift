package import HTTPServer
internal import JSON

/// A good answer that an endpoint may give, for the document. Problems are declared apart.
package struct Answer: Sendable {
    package var status: Status
    package var description: String
    /// Content type → schema; empty where there is no content.
    package var contents: [(type: String, schema: Schema)]
    /// Headers that come with it, name → description.
    package var headers: [(name: String, description: String)] = []

    package init(_ status: Status, _ description: String, _ contents: [(type: String, schema: Schema)] = []) {
        self.status = status
        self.description = description
        self.contents = contents
    }

    package static func json(_ status: Status, _ description: String, _ schema: Schema) -> Answer {
        Answer(status, description, [("application/json", schema)])
    }

    package static func ok(_ schema: Schema, _ description: String = "As asked.") -> Answer {
        json(.ok, description, schema)
    }

    package static func created(_ schema: Schema, _ description: String = "Made.") -> Answer {
        var answer = json(.created, description, schema)
        answer.headers = [("Location", "The new resource's path.")]
        return answer
    }

    package static func accepted(_ schema: Schema, _ description: String = "Will be done.") -> Answer {
        var answer = json(.accepted, description, schema)
        answer.headers = [("Location", "Where to see how it goes.")]
        return answer
    }

    package static let noContent = Answer(.noContent, "Done.")

    /// Server-sent events.
    package static func events(_ description: String) -> Answer {
        Answer(.ok, description, [("text/event-stream", .string)])
    }

    /// Other content: `text/csv`.
    package static func content(_ type: String, _ description: String) -> Answer {
        Answer(.ok, description, [(type, .string)])
    }
}
