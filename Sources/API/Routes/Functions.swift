internal import HTTPServer
internal import JSON
internal import Mapping

/// The functions that transforms can use.
enum FunctionTopic {
    static func topic(_ context: APIContext) -> Topic {
        let answer = Response.json(["items": .array(MappingFunction.catalogue.map(\.json))]).tagged()
        return Topic(
            "Functions",
            "The functions that the transforms of mappings can use.",
            schemas: ["Function": MappingFunction.schema],
            endpoints: [
                Endpoint(
                    .get,
                    "/functions",
                    "listFunctions",
                    "Lists the functions that transforms can use, by topic.",
                    answers: [.ok(.object(.required("items", .list(of: .reference("Function")))))],
                    isVersioned: true
                ) { _ in answer }
            ]
        )
    }
}

extension MappingFunction {
    fileprivate static let schema = Schema.object(
        .required("name", .string),
        .required("signature", .string, "As it is written, optional parts in brackets."),
        .required("summary", .string),
        .required("input", .string.orNull, "The type it is applied to; null takes any."),
        .required("result", .string.orNull, "The type it makes; null makes the type it was applied to."),
        .required(
            "parameters",
            .list(
                of: .object(
                    .required("name", .string),
                    .required("kind", .oneOf(["text", "same_as_value", "fixed_text", "fixed_integer", "fixed_map"])),
                    .required("is_optional", .bool),
                    .required("is_variadic", .bool)
                )
            )
        ),
        .required(
            "examples",
            .list(
                of: .object(
                    .required("transform", .string),
                    .required("value", .string.orNull, "What it is applied to; null for an empty value."),
                    .required("fields", .map(of: .string), "Other fields that the transform names."),
                    .required("result", .string.orNull, "What comes out; null for an empty value."),
                    .required("rejected", .string.orNull, "The code with which the value is refused.")
                )
            )
        )
    )

    fileprivate var json: JSONValue {
        [
            "name": .string(name), "signature": .string(signature), "summary": .string(summary),
            "input": input.map { .string($0.rawValue) } ?? .null,
            "result": result.map { .string($0.rawValue) } ?? .null,
            "parameters": .array(parameters.map(\.json)), "examples": .array(examples.map(\.json)),
        ]
    }
}

extension MappingFunction.Parameter {
    fileprivate var json: JSONValue {
        let kind =
            switch kind {
            case .text: "text"
            case .sameAsValue: "same_as_value"
            case .fixedText: "fixed_text"
            case .fixedInteger: "fixed_integer"
            case .fixedMap: "fixed_map"
            }
        return [
            "name": .string(name), "kind": .string(kind), "is_optional": .bool(isOptional),
            "is_variadic": .bool(isVariadic),
        ]
    }
}

extension MappingFunction.Example {
    fileprivate var json: JSONValue {
        var fields: JSONObject = [:]
        for (name, value) in self.fields.sorted(by: { $0.key < $1.key }) { fields[name] = .string(value) }
        let (result, rejected): (JSONValue, JSONValue) =
            switch outcome {
            case .value(let text): (.string(text), .null)
            case .empty: (.null, .null)
            case .reject(let code): (.null, .string(code))
            }
        return [
            "transform": .string(transform), "value": value.map(JSONValue.string) ?? .null, "fields": .object(fields),
            "result": result, "rejected": rejected,
        ]
    }
}
