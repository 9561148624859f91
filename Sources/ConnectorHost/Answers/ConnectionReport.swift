package import JSON

/// What a connector's test of its connection tried, in order.
package struct ConnectionReport: Sendable, Equatable {
    package var steps: [Step]
    /// Whether the connector says that it works, and no step says otherwise.
    package var isOK: Bool

    package struct Step: Sendable, Equatable {
        /// `dns tcp tls auth permission sample clock_skew`
        package var name: String
        package var isOK: Bool
        /// Not tried, because an earlier step failed or there is nothing to try.
        package var isSkipped: Bool
        package var milliseconds: Int64
        package var message: String
        /// What to do; empty if nothing.
        package var hint: String
    }

    /// Reads the answer of `Question.test`, as trainflow_plugin.h says it.
    package init(_ answer: JSONValue) throws(ConnectorError) {
        do throws(JSONFieldError) {
            var fields = try JSONFields(answer)
            let isOK = try fields.bool("ok")
            var steps: [Step] = []
            for (index, step) in try fields.array("steps").enumerated() {
                steps.append(try Step(step, at: JSONPointer.appending(index, to: fields.pointer(to: "steps"))))
            }
            self.steps = steps
            self.isOK = isOK && steps.allSatisfy { $0.isOK || $0.isSkipped }
        } catch {
            throw .unusable("report of its connection test", error)
        }
    }
}

extension ConnectionReport.Step {
    fileprivate init(_ json: JSONValue, at pointer: String) throws(JSONFieldError) {
        var fields = try JSONFields(json, at: pointer)
        name = try fields.string("name")
        isOK = try fields.bool("ok")
        isSkipped = try fields.optionalBool("skipped") ?? false
        milliseconds = try fields.optionalInteger("ms") ?? 0
        message = try fields.optionalString("message") ?? ""
        hint = try fields.optionalString("hint") ?? ""
    }
}
