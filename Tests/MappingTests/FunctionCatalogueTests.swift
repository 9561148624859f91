import Mapping
import Testing

@Suite struct FunctionCatalogueTests {
    @Test(arguments: MappingFunction.catalogue)
    func `every example of the catalogue comes out as it says`(function: MappingFunction) throws {
        #expect(!function.examples.isEmpty)
        for example in function.examples {
            let fields = example.fields.mapValues { [Optional($0)] }
            let outcome = try transform(example.transform, [example.value], fields: fields)
            switch example.outcome {
            case .value(let text): #expect(outcome == [.value(text)], "\(example.transform)")
            case .empty: #expect(outcome == [.absent], "\(example.transform)")
            case .reject(let code): #expect(outcome == [.failed(code)], "\(example.transform)")
            }
            #expect(example.transform.contains(function.name), "an example shows its function")
        }
    }

    @Test func `names are distinct and lower camel case`() {
        let names = MappingFunction.catalogue.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.first?.isLowercase == true && name.allSatisfy { $0.isASCII && $0.isLetter }, "\(name)")
            #expect(MappingFunction.named(name)?.name == name)
        }
    }

    @Test func `signatures show optional and repeated arguments`() {
        let signatures = Dictionary(uniqueKeysWithValues: MappingFunction.catalogue.map { ($0.name, $0.signature) })
        #expect(signatures["trim"] == "trim")
        #expect(signatures["parseDate"] == "parseDate(pattern[, firstYear])")
        #expect(signatures["concatNonEmpty"] == "concatNonEmpty(separator, part, …)")
    }
}
