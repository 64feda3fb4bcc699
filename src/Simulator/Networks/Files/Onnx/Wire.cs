using Google.Protobuf;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Protocol buffers' wire format: fields of one message, one after the other.</summary>
internal static class Wire
{
    /// <summary>
    /// Hands each field's number to a reader, which reads its value or returns false to skip it.
    /// </summary>
    /// <exception cref="InvalidProtocolBufferException">The bytes are no such message.</exception>
    public static void Read(ByteString message, Func<Field, bool> read)
    {
        CodedInputStream input = message.CreateCodedInput();
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
            if (!read(new(input, WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag)))
            )
                input.SkipLastField();
    }

    /// <summary>One field, whose value comes next in the stream.</summary>
    /// <param name="Input">The stream.</param>
    /// <param name="Number">The field's number in the schema.</param>
    /// <param name="Type">How the value is written.</param>
    public readonly record struct Field(
        CodedInputStream Input, int Number, WireFormat.WireType Type)
    {
        /// <summary>A repeated whole number, written one by one or all at once.</summary>
        public bool AddTo(List<long> numbers)
        {
            if (Type != WireFormat.WireType.LengthDelimited)
            {
                numbers.Add(Input.ReadInt64());
                return true;
            }

            CodedInputStream packed = Input.ReadBytes().CreateCodedInput();
            while (!packed.IsAtEnd) numbers.Add(packed.ReadInt64());
            return true;
        }

        /// <summary>A repeated float, written one by one or all at once.</summary>
        public bool AddTo(List<float> numbers)
        {
            if (Type != WireFormat.WireType.LengthDelimited)
            {
                numbers.Add(Input.ReadFloat());
                return true;
            }

            CodedInputStream packed = Input.ReadBytes().CreateCodedInput();
            while (!packed.IsAtEnd) numbers.Add(packed.ReadFloat());
            return true;
        }

        /// <summary>A repeated double, written one by one or all at once.</summary>
        public bool AddTo(List<double> numbers)
        {
            if (Type != WireFormat.WireType.LengthDelimited)
            {
                numbers.Add(Input.ReadDouble());
                return true;
            }

            CodedInputStream packed = Input.ReadBytes().CreateCodedInput();
            while (!packed.IsAtEnd) numbers.Add(packed.ReadDouble());
            return true;
        }

        /// <summary>A repeated string.</summary>
        public bool AddTo(List<string> texts)
        {
            texts.Add(Input.ReadString());
            return true;
        }

        /// <summary>A message inside this one.</summary>
        public bool Message<T>(List<T> into, Func<ByteString, T> read)
        {
            into.Add(read(Input.ReadBytes()));
            return true;
        }
    }
}
