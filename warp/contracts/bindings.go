// Code generated via abigen V2 - DO NOT EDIT.
// This file is a generated binding and any manual changes will be lost.

package contracts

import (
	"bytes"
	"errors"
	"math/big"

	"github.com/luxfi/geth/accounts/abi"
	"github.com/luxfi/geth/accounts/abi/bind/v2"
	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/core/types"
)

// Reference imports to suppress errors if they are not otherwise used.
var (
	_ = bytes.Equal
	_ = errors.New
	_ = big.NewInt
	_ = common.Big1
	_ = types.BloomLookup
	_ = abi.ConvertType
)

// SessionEscrowDeposit is an auto generated low-level Go binding around an user-defined struct.
type SessionEscrowDeposit struct {
	Payer    common.Address
	Payee    common.Address
	Amount   *big.Int
	Session  [32]byte
	Message  [32]byte
	Sequence uint64
	Reader   [32]byte
	Deadline uint64
}

// SessionEscrowScan is an auto generated low-level Go binding around an user-defined struct.
type SessionEscrowScan struct {
	Transcript [32]byte
	Count      uint64
}

// SessionLogEntry is an auto generated low-level Go binding around an user-defined struct.
type SessionLogEntry struct {
	Session   [32]byte
	Sender    [32]byte
	Sequence  uint64
	Height    uint64
	Timestamp uint64
}

// SessionStateSaid is an auto generated low-level Go binding around an user-defined struct.
type SessionStateSaid struct {
	Message   [32]byte
	Timestamp uint64
}

// WarpBlockHash is an auto generated low-level Go binding around an user-defined struct.
type WarpBlockHash struct {
	SourceChainID [32]byte
	BlockHash     [32]byte
}

// WarpMessage is an auto generated low-level Go binding around an user-defined struct.
type WarpMessage struct {
	SourceChainID       [32]byte
	OriginSenderAddress common.Address
	Payload             []byte
}

// IWarpMessengerMetaData contains all meta data concerning the IWarpMessenger contract.
var IWarpMessengerMetaData = bind.MetaData{
	ABI: "[{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"sender\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"messageID\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"bytes\",\"name\":\"message\",\"type\":\"bytes\"}],\"name\":\"SendWarpMessage\",\"type\":\"event\"},{\"inputs\":[],\"name\":\"getBlockchainID\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"blockchainID\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint32\",\"name\":\"index\",\"type\":\"uint32\"}],\"name\":\"getVerifiedWarpBlockHash\",\"outputs\":[{\"components\":[{\"internalType\":\"bytes32\",\"name\":\"sourceChainID\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"blockHash\",\"type\":\"bytes32\"}],\"internalType\":\"structWarpBlockHash\",\"name\":\"warpBlockHash\",\"type\":\"tuple\"},{\"internalType\":\"bool\",\"name\":\"valid\",\"type\":\"bool\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint32\",\"name\":\"index\",\"type\":\"uint32\"}],\"name\":\"getVerifiedWarpMessage\",\"outputs\":[{\"components\":[{\"internalType\":\"bytes32\",\"name\":\"sourceChainID\",\"type\":\"bytes32\"},{\"internalType\":\"address\",\"name\":\"originSenderAddress\",\"type\":\"address\"},{\"internalType\":\"bytes\",\"name\":\"payload\",\"type\":\"bytes\"}],\"internalType\":\"structWarpMessage\",\"name\":\"message\",\"type\":\"tuple\"},{\"internalType\":\"bool\",\"name\":\"valid\",\"type\":\"bool\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes\",\"name\":\"payload\",\"type\":\"bytes\"}],\"name\":\"sendWarpMessage\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"messageID\",\"type\":\"bytes32\"}],\"stateMutability\":\"nonpayable\",\"type\":\"function\"}]",
	ID:  "IWarpMessenger",
}

// IWarpMessenger is an auto generated Go binding around an Ethereum contract.
type IWarpMessenger struct {
	abi abi.ABI
}

// NewIWarpMessenger creates a new instance of IWarpMessenger.
func NewIWarpMessenger() *IWarpMessenger {
	parsed, err := IWarpMessengerMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &IWarpMessenger{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *IWarpMessenger) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackGetBlockchainID is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4213cf78.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function getBlockchainID() view returns(bytes32 blockchainID)
func (iWarpMessenger *IWarpMessenger) PackGetBlockchainID() []byte {
	enc, err := iWarpMessenger.abi.Pack("getBlockchainID")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGetBlockchainID is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4213cf78.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function getBlockchainID() view returns(bytes32 blockchainID)
func (iWarpMessenger *IWarpMessenger) TryPackGetBlockchainID() ([]byte, error) {
	return iWarpMessenger.abi.Pack("getBlockchainID")
}

// UnpackGetBlockchainID is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x4213cf78.
//
// Solidity: function getBlockchainID() view returns(bytes32 blockchainID)
func (iWarpMessenger *IWarpMessenger) UnpackGetBlockchainID(data []byte) ([32]byte, error) {
	out, err := iWarpMessenger.abi.Unpack("getBlockchainID", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackGetVerifiedWarpBlockHash is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xce7f5929.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function getVerifiedWarpBlockHash(uint32 index) view returns((bytes32,bytes32) warpBlockHash, bool valid)
func (iWarpMessenger *IWarpMessenger) PackGetVerifiedWarpBlockHash(index uint32) []byte {
	enc, err := iWarpMessenger.abi.Pack("getVerifiedWarpBlockHash", index)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGetVerifiedWarpBlockHash is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xce7f5929.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function getVerifiedWarpBlockHash(uint32 index) view returns((bytes32,bytes32) warpBlockHash, bool valid)
func (iWarpMessenger *IWarpMessenger) TryPackGetVerifiedWarpBlockHash(index uint32) ([]byte, error) {
	return iWarpMessenger.abi.Pack("getVerifiedWarpBlockHash", index)
}

// GetVerifiedWarpBlockHashOutput serves as a container for the return parameters of contract
// method GetVerifiedWarpBlockHash.
type GetVerifiedWarpBlockHashOutput struct {
	WarpBlockHash WarpBlockHash
	Valid         bool
}

// UnpackGetVerifiedWarpBlockHash is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xce7f5929.
//
// Solidity: function getVerifiedWarpBlockHash(uint32 index) view returns((bytes32,bytes32) warpBlockHash, bool valid)
func (iWarpMessenger *IWarpMessenger) UnpackGetVerifiedWarpBlockHash(data []byte) (GetVerifiedWarpBlockHashOutput, error) {
	out, err := iWarpMessenger.abi.Unpack("getVerifiedWarpBlockHash", data)
	outstruct := new(GetVerifiedWarpBlockHashOutput)
	if err != nil {
		return *outstruct, err
	}
	outstruct.WarpBlockHash = *abi.ConvertType(out[0], new(WarpBlockHash)).(*WarpBlockHash)
	outstruct.Valid = *abi.ConvertType(out[1], new(bool)).(*bool)
	return *outstruct, nil
}

// PackGetVerifiedWarpMessage is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x6f825350.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function getVerifiedWarpMessage(uint32 index) view returns((bytes32,address,bytes) message, bool valid)
func (iWarpMessenger *IWarpMessenger) PackGetVerifiedWarpMessage(index uint32) []byte {
	enc, err := iWarpMessenger.abi.Pack("getVerifiedWarpMessage", index)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGetVerifiedWarpMessage is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x6f825350.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function getVerifiedWarpMessage(uint32 index) view returns((bytes32,address,bytes) message, bool valid)
func (iWarpMessenger *IWarpMessenger) TryPackGetVerifiedWarpMessage(index uint32) ([]byte, error) {
	return iWarpMessenger.abi.Pack("getVerifiedWarpMessage", index)
}

// GetVerifiedWarpMessageOutput serves as a container for the return parameters of contract
// method GetVerifiedWarpMessage.
type GetVerifiedWarpMessageOutput struct {
	Message WarpMessage
	Valid   bool
}

// UnpackGetVerifiedWarpMessage is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x6f825350.
//
// Solidity: function getVerifiedWarpMessage(uint32 index) view returns((bytes32,address,bytes) message, bool valid)
func (iWarpMessenger *IWarpMessenger) UnpackGetVerifiedWarpMessage(data []byte) (GetVerifiedWarpMessageOutput, error) {
	out, err := iWarpMessenger.abi.Unpack("getVerifiedWarpMessage", data)
	outstruct := new(GetVerifiedWarpMessageOutput)
	if err != nil {
		return *outstruct, err
	}
	outstruct.Message = *abi.ConvertType(out[0], new(WarpMessage)).(*WarpMessage)
	outstruct.Valid = *abi.ConvertType(out[1], new(bool)).(*bool)
	return *outstruct, nil
}

// PackSendWarpMessage is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xee5b48eb.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function sendWarpMessage(bytes payload) returns(bytes32 messageID)
func (iWarpMessenger *IWarpMessenger) PackSendWarpMessage(payload []byte) []byte {
	enc, err := iWarpMessenger.abi.Pack("sendWarpMessage", payload)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSendWarpMessage is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xee5b48eb.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function sendWarpMessage(bytes payload) returns(bytes32 messageID)
func (iWarpMessenger *IWarpMessenger) TryPackSendWarpMessage(payload []byte) ([]byte, error) {
	return iWarpMessenger.abi.Pack("sendWarpMessage", payload)
}

// UnpackSendWarpMessage is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xee5b48eb.
//
// Solidity: function sendWarpMessage(bytes payload) returns(bytes32 messageID)
func (iWarpMessenger *IWarpMessenger) UnpackSendWarpMessage(data []byte) ([32]byte, error) {
	out, err := iWarpMessenger.abi.Unpack("sendWarpMessage", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// IWarpMessengerSendWarpMessage represents a SendWarpMessage event raised by the IWarpMessenger contract.
type IWarpMessengerSendWarpMessage struct {
	Sender    common.Address
	MessageID [32]byte
	Message   []byte
	Raw       *types.Log // Blockchain specific contextual infos
}

const IWarpMessengerSendWarpMessageEventName = "SendWarpMessage"

// ContractEventName returns the user-defined event name.
func (IWarpMessengerSendWarpMessage) ContractEventName() string {
	return IWarpMessengerSendWarpMessageEventName
}

// UnpackSendWarpMessageEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event SendWarpMessage(address indexed sender, bytes32 indexed messageID, bytes message)
func (iWarpMessenger *IWarpMessenger) UnpackSendWarpMessageEvent(log *types.Log) (*IWarpMessengerSendWarpMessage, error) {
	event := "SendWarpMessage"
	if len(log.Topics) == 0 || log.Topics[0] != iWarpMessenger.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(IWarpMessengerSendWarpMessage)
	if len(log.Data) > 0 {
		if err := iWarpMessenger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range iWarpMessenger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// SessionAdmissionMetaData contains all meta data concerning the SessionAdmission contract.
var SessionAdmissionMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"chain_\",\"type\":\"bytes32\"},{\"internalType\":\"bytes1\",\"name\":\"prefix_\",\"type\":\"bytes1\"},{\"internalType\":\"uint64\",\"name\":\"window_\",\"type\":\"uint64\"},{\"internalType\":\"uint256\",\"name\":\"price_\",\"type\":\"uint256\"}],\"stateMutability\":\"nonpayable\",\"type\":\"constructor\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"BadParticipant\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"expected\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"got\",\"type\":\"uint256\"}],\"name\":\"KeySize\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NoCiphertext\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NoDeadline\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NoSequence\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NoSession\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NoTranscript\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"owner\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"got\",\"type\":\"address\"}],\"name\":\"NotOwner\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NotTaken\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"most\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"got\",\"type\":\"uint256\"}],\"name\":\"TooLong\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"most\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"got\",\"type\":\"uint256\"}],\"name\":\"TooManyParticipants\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"expected\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"got\",\"type\":\"uint256\"}],\"name\":\"WrongPrice\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"session\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"sequence\",\"type\":\"uint64\"}],\"name\":\"Acknowledged\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"session\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"message\",\"type\":\"bytes32\"}],\"name\":\"MessageSent\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"transaction\",\"type\":\"bytes32\"}],\"name\":\"Registered\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"session\",\"type\":\"bytes32\"}],\"name\":\"SessionMade\",\"type\":\"event\"},{\"inputs\":[{\"internalType\":\"bytes\",\"name\":\"kemKey\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"dsaKey\",\"type\":\"bytes\"}],\"name\":\"admit\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"transaction\",\"type\":\"bytes32\"}],\"stateMutability\":\"payable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"chain\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"made\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"owner\",\"outputs\":[{\"internalType\":\"addresspayable\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"participant\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"prefix\",\"outputs\":[{\"internalType\":\"bytes1\",\"name\":\"\",\"type\":\"bytes1\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"price\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"\",\"type\":\"uint256\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"window\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"withdraw\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"}]",
	ID:  "SessionAdmission",
	Bin: "0x61014080604052346101dc57608081610c98803803809161002082856101e8565b8339810103126101dc57805160208201517fff00000000000000000000000000000000000000000000000000000000000000811681036101dc576040830151926001600160401b03841684036101dc57606001519260e05260c05260805260405163084279ef60e31b81526020816004817302000000000000000000000000000000000000055afa908115610194575f916101b2575b50604051907f73657373696f6e766d2f636f6e74726163742f76310000000000000000000000602083015260368201523060601b6056820152604a81526100fe606a826101e8565b604051908051905f5b82811061019f578460205f8680878101838152039060025afa15610194575f5160a052610120523361010052604051610a789081610220823960805181818160960152610323015260a051816108c2015260c0518161073d015260e05181818161019601526107a70152610100518181816106e101526107f201526101205181818160d401526106290152f35b6040513d5f823e3d90fd5b8060208092840101518186015201610107565b90506020813d6020116101e0575b816101cd602093836101e8565b810103126101dc57515f6100b6565b5f80fd5b3d91506101c0565b601f909101601f19168101906001600160401b0382119082101761020b57604052565b634e487b7160e01b5f52604160045260245ffdfe6080806040526004361015610012575f80fd5b5f3560e01c90816337a6d42b146108ad575080633ccfd60b146107cb578063461645bf1461078757806349f92f2e1461076157806375dadb32146107055780638da5cb5b146106b557806399b9c3e5146100f7578063a035b1fe146100bd5763c763e5a11461007f575f80fd5b346100b9575f6003193601126100b95760206040517f00000000000000000000000000000000000000000000000000000000000000008152f35b5f80fd5b346100b9575f6003193601126100b95760206040517f00000000000000000000000000000000000000000000000000000000000000008152f35b60406003193601126100b95760043567ffffffffffffffff81116100b9576101239036906004016108e5565b9060243567ffffffffffffffff81116100b9576101449036906004016108e5565b91906040516020810190858483376101788160208789830181888483015f81523701015f815203601f198101835282610913565b519020341580159061069f575b610627575b5067ffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000001667ffffffffffffffff42160167ffffffffffffffff81116105fa5767ffffffffffffffff6103e89116029367ffffffffffffffff85169485036105fa5761020a9261020291369161097f565b92369161097f565b81516104a081036105c9575080516107a081036105985750821561057057600161030391600361023b602396610a19565b60405196879360208501977f0aa0090000000000000000000000000000000000000000000000000000000000895261027c815180926020868a0191016109b5565b85017f12a00f0000000000000000000000000000000000000000000000000000000000838201526102b78251809360206026850191016109b5565b01017f1800000000000000000000000000000000000000000000000000000000000000838201526102f28251809360206004850191016109b5565b01010301601f198101845283610913565b61039c6103108351610a19565b92604160405193849261038c60208501977f000000000000000000000000000000000000000000000000000000000000000089527f0a00000000000000000000000000000000000000000000000000000000000000604087015261037d815180926020888a0191016109b5565b850191518093858401906109b5565b010103601f198101835282610913565b8051615f80811161053f575060405160206104476044828401937f040000000000000000000000000000000000000000000000000000000000000085526103ff60218288516103ee818484018d6109b5565b81010301601f198101835282610913565b601f19601f60405196879586947fee5b48eb000000000000000000000000000000000000000000000000000000008652886004870152518092816024880152878701906109b5565b011681010301815f7302000000000000000000000000000000000000055af1801561050957610514575b506104cb5f916020936104ba603f60405180936103ee898301967f73657373696f6e766d2f72656769737465722d6964656e746974792f763100008852518092858501906109b5565b6040519283928392519283916109b5565b8101039060025afa156105095760205f5160405190807f10906fae603eebfac53ddc0f103bee8a044dd7643c425c7a90f921dfa15ef62c5f80a28152f35b6040513d5f823e3d90fd5b602090813d8311610538575b61052a8183610913565b810103126100b95782610471565b503d610520565b7fad8e4f3c000000000000000000000000000000000000000000000000000000005f52615f8060045260245260445ffd5b7f29b397b6000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f9fc2cdcb000000000000000000000000000000000000000000000000000000005f526107a060045260245260445ffd5b7f9fc2cdcb000000000000000000000000000000000000000000000000000000005f526104a060045260245260445ffd5b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b7f00000000000000000000000000000000000000000000000000000000000000008034036106705750620151804201908142116105fa575f52600160205260405f20558461018a565b7f6871963e000000000000000000000000000000000000000000000000000000005f526004523460245260445ffd5b50805f52600160205260405f2054421015610185565b346100b9575f6003193601126100b957602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b346100b9575f6003193601126100b95760206040517fff000000000000000000000000000000000000000000000000000000000000007f0000000000000000000000000000000000000000000000000000000000000000168152f35b346100b9575f6003193601126100b957602067ffffffffffffffff5f5416604051908152f35b346100b9575f6003193601126100b957602060405167ffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b346100b9575f6003193601126100b95773ffffffffffffffffffffffffffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000001680330361087e575f8080809347905af13d15610879573d61083281610963565b906108406040519283610913565b81525f60203d92013e5b1561085157005b7fc02791fe000000000000000000000000000000000000000000000000000000005f5260045ffd5b61084a565b7f23295f0e000000000000000000000000000000000000000000000000000000005f526004523360245260445ffd5b346100b9575f6003193601126100b9576020907f00000000000000000000000000000000000000000000000000000000000000008152f35b9181601f840112156100b95782359167ffffffffffffffff83116100b957602083818601950101116100b957565b90601f601f19910116810190811067ffffffffffffffff82111761093657604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b67ffffffffffffffff811161093657601f01601f191660200190565b92919261098b82610963565b916109996040519384610913565b8294818452818301116100b9578281602093845f960137010152565b5f5b8381106109c65750505f910152565b81810151838201526020016109b7565b60207fff0000000000000000000000000000000000000000000000000000000000000091610a0d60019594828151948592016109b5565b019160f81b1681520190565b60605b607f8211610a505760ff91610a3f610a4d926040519485931690602084016109d6565b03601f198101835282610913565b90565b610a6e610a3f91604051928391608060ff87161790602084016109d6565b9060071c90610a1c56",
}

// SessionAdmission is an auto generated Go binding around an Ethereum contract.
type SessionAdmission struct {
	abi abi.ABI
}

// NewSessionAdmission creates a new instance of SessionAdmission.
func NewSessionAdmission() *SessionAdmission {
	parsed, err := SessionAdmissionMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &SessionAdmission{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *SessionAdmission) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackConstructor is the Go binding used to pack the parameters required for
// contract deployment.
//
// Solidity: constructor(bytes32 chain_, bytes1 prefix_, uint64 window_, uint256 price_) returns()
func (sessionAdmission *SessionAdmission) PackConstructor(chain_ [32]byte, prefix_ [1]byte, window_ uint64, price_ *big.Int) []byte {
	enc, err := sessionAdmission.abi.Pack("", chain_, prefix_, window_, price_)
	if err != nil {
		panic(err)
	}
	return enc
}

// PackAdmit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x99b9c3e5.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function admit(bytes kemKey, bytes dsaKey) payable returns(bytes32 transaction)
func (sessionAdmission *SessionAdmission) PackAdmit(kemKey []byte, dsaKey []byte) []byte {
	enc, err := sessionAdmission.abi.Pack("admit", kemKey, dsaKey)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackAdmit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x99b9c3e5.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function admit(bytes kemKey, bytes dsaKey) payable returns(bytes32 transaction)
func (sessionAdmission *SessionAdmission) TryPackAdmit(kemKey []byte, dsaKey []byte) ([]byte, error) {
	return sessionAdmission.abi.Pack("admit", kemKey, dsaKey)
}

// UnpackAdmit is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x99b9c3e5.
//
// Solidity: function admit(bytes kemKey, bytes dsaKey) payable returns(bytes32 transaction)
func (sessionAdmission *SessionAdmission) UnpackAdmit(data []byte) ([32]byte, error) {
	out, err := sessionAdmission.abi.Unpack("admit", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackChain is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc763e5a1.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function chain() view returns(bytes32)
func (sessionAdmission *SessionAdmission) PackChain() []byte {
	enc, err := sessionAdmission.abi.Pack("chain")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackChain is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc763e5a1.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function chain() view returns(bytes32)
func (sessionAdmission *SessionAdmission) TryPackChain() ([]byte, error) {
	return sessionAdmission.abi.Pack("chain")
}

// UnpackChain is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xc763e5a1.
//
// Solidity: function chain() view returns(bytes32)
func (sessionAdmission *SessionAdmission) UnpackChain(data []byte) ([32]byte, error) {
	out, err := sessionAdmission.abi.Unpack("chain", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackMade is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x49f92f2e.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function made() view returns(uint64)
func (sessionAdmission *SessionAdmission) PackMade() []byte {
	enc, err := sessionAdmission.abi.Pack("made")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackMade is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x49f92f2e.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function made() view returns(uint64)
func (sessionAdmission *SessionAdmission) TryPackMade() ([]byte, error) {
	return sessionAdmission.abi.Pack("made")
}

// UnpackMade is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x49f92f2e.
//
// Solidity: function made() view returns(uint64)
func (sessionAdmission *SessionAdmission) UnpackMade(data []byte) (uint64, error) {
	out, err := sessionAdmission.abi.Unpack("made", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackOwner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8da5cb5b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function owner() view returns(address)
func (sessionAdmission *SessionAdmission) PackOwner() []byte {
	enc, err := sessionAdmission.abi.Pack("owner")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackOwner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8da5cb5b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function owner() view returns(address)
func (sessionAdmission *SessionAdmission) TryPackOwner() ([]byte, error) {
	return sessionAdmission.abi.Pack("owner")
}

// UnpackOwner is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x8da5cb5b.
//
// Solidity: function owner() view returns(address)
func (sessionAdmission *SessionAdmission) UnpackOwner(data []byte) (common.Address, error) {
	out, err := sessionAdmission.abi.Unpack("owner", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackParticipant is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x37a6d42b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function participant() view returns(bytes32)
func (sessionAdmission *SessionAdmission) PackParticipant() []byte {
	enc, err := sessionAdmission.abi.Pack("participant")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackParticipant is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x37a6d42b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function participant() view returns(bytes32)
func (sessionAdmission *SessionAdmission) TryPackParticipant() ([]byte, error) {
	return sessionAdmission.abi.Pack("participant")
}

// UnpackParticipant is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x37a6d42b.
//
// Solidity: function participant() view returns(bytes32)
func (sessionAdmission *SessionAdmission) UnpackParticipant(data []byte) ([32]byte, error) {
	out, err := sessionAdmission.abi.Unpack("participant", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackPrefix is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x75dadb32.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function prefix() view returns(bytes1)
func (sessionAdmission *SessionAdmission) PackPrefix() []byte {
	enc, err := sessionAdmission.abi.Pack("prefix")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPrefix is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x75dadb32.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function prefix() view returns(bytes1)
func (sessionAdmission *SessionAdmission) TryPackPrefix() ([]byte, error) {
	return sessionAdmission.abi.Pack("prefix")
}

// UnpackPrefix is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x75dadb32.
//
// Solidity: function prefix() view returns(bytes1)
func (sessionAdmission *SessionAdmission) UnpackPrefix(data []byte) ([1]byte, error) {
	out, err := sessionAdmission.abi.Unpack("prefix", data)
	if err != nil {
		return *new([1]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([1]byte)).(*[1]byte)
	return out0, nil
}

// PackPrice is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xa035b1fe.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function price() view returns(uint256)
func (sessionAdmission *SessionAdmission) PackPrice() []byte {
	enc, err := sessionAdmission.abi.Pack("price")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPrice is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xa035b1fe.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function price() view returns(uint256)
func (sessionAdmission *SessionAdmission) TryPackPrice() ([]byte, error) {
	return sessionAdmission.abi.Pack("price")
}

// UnpackPrice is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xa035b1fe.
//
// Solidity: function price() view returns(uint256)
func (sessionAdmission *SessionAdmission) UnpackPrice(data []byte) (*big.Int, error) {
	out, err := sessionAdmission.abi.Unpack("price", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackWindow is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x461645bf.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function window() view returns(uint64)
func (sessionAdmission *SessionAdmission) PackWindow() []byte {
	enc, err := sessionAdmission.abi.Pack("window")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackWindow is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x461645bf.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function window() view returns(uint64)
func (sessionAdmission *SessionAdmission) TryPackWindow() ([]byte, error) {
	return sessionAdmission.abi.Pack("window")
}

// UnpackWindow is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x461645bf.
//
// Solidity: function window() view returns(uint64)
func (sessionAdmission *SessionAdmission) UnpackWindow(data []byte) (uint64, error) {
	out, err := sessionAdmission.abi.Unpack("window", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackWithdraw is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x3ccfd60b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function withdraw() returns()
func (sessionAdmission *SessionAdmission) PackWithdraw() []byte {
	enc, err := sessionAdmission.abi.Pack("withdraw")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackWithdraw is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x3ccfd60b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function withdraw() returns()
func (sessionAdmission *SessionAdmission) TryPackWithdraw() ([]byte, error) {
	return sessionAdmission.abi.Pack("withdraw")
}

// SessionAdmissionAcknowledged represents a Acknowledged event raised by the SessionAdmission contract.
type SessionAdmissionAcknowledged struct {
	Session  [32]byte
	Sequence uint64
	Raw      *types.Log // Blockchain specific contextual infos
}

const SessionAdmissionAcknowledgedEventName = "Acknowledged"

// ContractEventName returns the user-defined event name.
func (SessionAdmissionAcknowledged) ContractEventName() string {
	return SessionAdmissionAcknowledgedEventName
}

// UnpackAcknowledgedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Acknowledged(bytes32 indexed session, uint64 sequence)
func (sessionAdmission *SessionAdmission) UnpackAcknowledgedEvent(log *types.Log) (*SessionAdmissionAcknowledged, error) {
	event := "Acknowledged"
	if len(log.Topics) == 0 || log.Topics[0] != sessionAdmission.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(SessionAdmissionAcknowledged)
	if len(log.Data) > 0 {
		if err := sessionAdmission.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range sessionAdmission.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// SessionAdmissionMessageSent represents a MessageSent event raised by the SessionAdmission contract.
type SessionAdmissionMessageSent struct {
	Session [32]byte
	Message [32]byte
	Raw     *types.Log // Blockchain specific contextual infos
}

const SessionAdmissionMessageSentEventName = "MessageSent"

// ContractEventName returns the user-defined event name.
func (SessionAdmissionMessageSent) ContractEventName() string {
	return SessionAdmissionMessageSentEventName
}

// UnpackMessageSentEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event MessageSent(bytes32 indexed session, bytes32 indexed message)
func (sessionAdmission *SessionAdmission) UnpackMessageSentEvent(log *types.Log) (*SessionAdmissionMessageSent, error) {
	event := "MessageSent"
	if len(log.Topics) == 0 || log.Topics[0] != sessionAdmission.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(SessionAdmissionMessageSent)
	if len(log.Data) > 0 {
		if err := sessionAdmission.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range sessionAdmission.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// SessionAdmissionRegistered represents a Registered event raised by the SessionAdmission contract.
type SessionAdmissionRegistered struct {
	Transaction [32]byte
	Raw         *types.Log // Blockchain specific contextual infos
}

const SessionAdmissionRegisteredEventName = "Registered"

// ContractEventName returns the user-defined event name.
func (SessionAdmissionRegistered) ContractEventName() string {
	return SessionAdmissionRegisteredEventName
}

// UnpackRegisteredEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Registered(bytes32 indexed transaction)
func (sessionAdmission *SessionAdmission) UnpackRegisteredEvent(log *types.Log) (*SessionAdmissionRegistered, error) {
	event := "Registered"
	if len(log.Topics) == 0 || log.Topics[0] != sessionAdmission.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(SessionAdmissionRegistered)
	if len(log.Data) > 0 {
		if err := sessionAdmission.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range sessionAdmission.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// SessionAdmissionSessionMade represents a SessionMade event raised by the SessionAdmission contract.
type SessionAdmissionSessionMade struct {
	Session [32]byte
	Raw     *types.Log // Blockchain specific contextual infos
}

const SessionAdmissionSessionMadeEventName = "SessionMade"

// ContractEventName returns the user-defined event name.
func (SessionAdmissionSessionMade) ContractEventName() string {
	return SessionAdmissionSessionMadeEventName
}

// UnpackSessionMadeEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event SessionMade(bytes32 indexed session)
func (sessionAdmission *SessionAdmission) UnpackSessionMadeEvent(log *types.Log) (*SessionAdmissionSessionMade, error) {
	event := "SessionMade"
	if len(log.Topics) == 0 || log.Topics[0] != sessionAdmission.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(SessionAdmissionSessionMade)
	if len(log.Data) > 0 {
		if err := sessionAdmission.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range sessionAdmission.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (sessionAdmission *SessionAdmission) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], sessionAdmission.abi.Errors["BadParticipant"].ID.Bytes()[:4]) {
		return sessionAdmission.UnpackBadParticipantError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionAdmission.abi.Errors["KeySize"].ID.Bytes()[:4]) {
		return sessionAdmission.UnpackKeySizeError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionAdmission.abi.Errors["NoCiphertext"].ID.Bytes()[:4]) {
		return sessionAdmission.UnpackNoCiphertextError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionAdmission.abi.Errors["NoDeadline"].ID.Bytes()[:4]) {
		return sessionAdmission.UnpackNoDeadlineError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionAdmission.abi.Errors["NoSequence"].ID.Bytes()[:4]) {
		return sessionAdmission.UnpackNoSequenceError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionAdmission.abi.Errors["NoSession"].ID.Bytes()[:4]) {
		return sessionAdmission.UnpackNoSessionError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionAdmission.abi.Errors["NoTranscript"].ID.Bytes()[:4]) {
		return sessionAdmission.UnpackNoTranscriptError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionAdmission.abi.Errors["NotOwner"].ID.Bytes()[:4]) {
		return sessionAdmission.UnpackNotOwnerError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionAdmission.abi.Errors["NotTaken"].ID.Bytes()[:4]) {
		return sessionAdmission.UnpackNotTakenError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionAdmission.abi.Errors["TooLong"].ID.Bytes()[:4]) {
		return sessionAdmission.UnpackTooLongError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionAdmission.abi.Errors["TooManyParticipants"].ID.Bytes()[:4]) {
		return sessionAdmission.UnpackTooManyParticipantsError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionAdmission.abi.Errors["WrongPrice"].ID.Bytes()[:4]) {
		return sessionAdmission.UnpackWrongPriceError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// SessionAdmissionBadParticipant represents a BadParticipant error raised by the SessionAdmission contract.
type SessionAdmissionBadParticipant struct {
	Got [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error BadParticipant(bytes32 got)
func SessionAdmissionBadParticipantErrorID() common.Hash {
	return common.HexToHash("0xaec7d12d560a32dc82681ad3435cb54b6e40c18570f7bfc754772ef88dc23dc5")
}

// UnpackBadParticipantError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error BadParticipant(bytes32 got)
func (sessionAdmission *SessionAdmission) UnpackBadParticipantError(raw []byte) (*SessionAdmissionBadParticipant, error) {
	out := new(SessionAdmissionBadParticipant)
	if err := sessionAdmission.abi.UnpackIntoInterface(out, "BadParticipant", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionAdmissionKeySize represents a KeySize error raised by the SessionAdmission contract.
type SessionAdmissionKeySize struct {
	Expected *big.Int
	Got      *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error KeySize(uint256 expected, uint256 got)
func SessionAdmissionKeySizeErrorID() common.Hash {
	return common.HexToHash("0x9fc2cdcb879f3a32d2bcc62d2c821c17062233fad58b907c334f8ca091a72c54")
}

// UnpackKeySizeError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error KeySize(uint256 expected, uint256 got)
func (sessionAdmission *SessionAdmission) UnpackKeySizeError(raw []byte) (*SessionAdmissionKeySize, error) {
	out := new(SessionAdmissionKeySize)
	if err := sessionAdmission.abi.UnpackIntoInterface(out, "KeySize", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionAdmissionNoCiphertext represents a NoCiphertext error raised by the SessionAdmission contract.
type SessionAdmissionNoCiphertext struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NoCiphertext()
func SessionAdmissionNoCiphertextErrorID() common.Hash {
	return common.HexToHash("0xfd4e7b17e32fcb94e4cbd1daada7144db9e65f83a1885a15448820ac5e988246")
}

// UnpackNoCiphertextError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NoCiphertext()
func (sessionAdmission *SessionAdmission) UnpackNoCiphertextError(raw []byte) (*SessionAdmissionNoCiphertext, error) {
	out := new(SessionAdmissionNoCiphertext)
	if err := sessionAdmission.abi.UnpackIntoInterface(out, "NoCiphertext", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionAdmissionNoDeadline represents a NoDeadline error raised by the SessionAdmission contract.
type SessionAdmissionNoDeadline struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NoDeadline()
func SessionAdmissionNoDeadlineErrorID() common.Hash {
	return common.HexToHash("0x29b397b67b8b3aaf1e2ae6684b504bd232d71ccac3f00cf9e92b41c3e59e4bec")
}

// UnpackNoDeadlineError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NoDeadline()
func (sessionAdmission *SessionAdmission) UnpackNoDeadlineError(raw []byte) (*SessionAdmissionNoDeadline, error) {
	out := new(SessionAdmissionNoDeadline)
	if err := sessionAdmission.abi.UnpackIntoInterface(out, "NoDeadline", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionAdmissionNoSequence represents a NoSequence error raised by the SessionAdmission contract.
type SessionAdmissionNoSequence struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NoSequence()
func SessionAdmissionNoSequenceErrorID() common.Hash {
	return common.HexToHash("0x603e4c2dae8037611bfd4bd508c63bc3cfd932bd6889de293f19b42a5890cffc")
}

// UnpackNoSequenceError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NoSequence()
func (sessionAdmission *SessionAdmission) UnpackNoSequenceError(raw []byte) (*SessionAdmissionNoSequence, error) {
	out := new(SessionAdmissionNoSequence)
	if err := sessionAdmission.abi.UnpackIntoInterface(out, "NoSequence", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionAdmissionNoSession represents a NoSession error raised by the SessionAdmission contract.
type SessionAdmissionNoSession struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NoSession()
func SessionAdmissionNoSessionErrorID() common.Hash {
	return common.HexToHash("0xaabbee6898362528eca62b42f8b9040fbbc894f7fa5f2778e4d51ea3ef028b1a")
}

// UnpackNoSessionError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NoSession()
func (sessionAdmission *SessionAdmission) UnpackNoSessionError(raw []byte) (*SessionAdmissionNoSession, error) {
	out := new(SessionAdmissionNoSession)
	if err := sessionAdmission.abi.UnpackIntoInterface(out, "NoSession", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionAdmissionNoTranscript represents a NoTranscript error raised by the SessionAdmission contract.
type SessionAdmissionNoTranscript struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NoTranscript()
func SessionAdmissionNoTranscriptErrorID() common.Hash {
	return common.HexToHash("0x8fb40b2b3fdd75a4a0438167ac9427388a03065921829b0f68fde633ffe8bed0")
}

// UnpackNoTranscriptError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NoTranscript()
func (sessionAdmission *SessionAdmission) UnpackNoTranscriptError(raw []byte) (*SessionAdmissionNoTranscript, error) {
	out := new(SessionAdmissionNoTranscript)
	if err := sessionAdmission.abi.UnpackIntoInterface(out, "NoTranscript", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionAdmissionNotOwner represents a NotOwner error raised by the SessionAdmission contract.
type SessionAdmissionNotOwner struct {
	Owner common.Address
	Got   common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotOwner(address owner, address got)
func SessionAdmissionNotOwnerErrorID() common.Hash {
	return common.HexToHash("0x23295f0e104d137d137555eb51dbe25a9e6827007f9feb6ae8bb562312e3e202")
}

// UnpackNotOwnerError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotOwner(address owner, address got)
func (sessionAdmission *SessionAdmission) UnpackNotOwnerError(raw []byte) (*SessionAdmissionNotOwner, error) {
	out := new(SessionAdmissionNotOwner)
	if err := sessionAdmission.abi.UnpackIntoInterface(out, "NotOwner", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionAdmissionNotTaken represents a NotTaken error raised by the SessionAdmission contract.
type SessionAdmissionNotTaken struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotTaken()
func SessionAdmissionNotTakenErrorID() common.Hash {
	return common.HexToHash("0xc02791fe843c92c717e28a89f92fb32907402c65a17547695e1ad3d862be2be9")
}

// UnpackNotTakenError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotTaken()
func (sessionAdmission *SessionAdmission) UnpackNotTakenError(raw []byte) (*SessionAdmissionNotTaken, error) {
	out := new(SessionAdmissionNotTaken)
	if err := sessionAdmission.abi.UnpackIntoInterface(out, "NotTaken", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionAdmissionTooLong represents a TooLong error raised by the SessionAdmission contract.
type SessionAdmissionTooLong struct {
	Most *big.Int
	Got  *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error TooLong(uint256 most, uint256 got)
func SessionAdmissionTooLongErrorID() common.Hash {
	return common.HexToHash("0xad8e4f3c02445389d1fc949112448bfe96a0eef67cb5f3def1a137d96f1fdc75")
}

// UnpackTooLongError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error TooLong(uint256 most, uint256 got)
func (sessionAdmission *SessionAdmission) UnpackTooLongError(raw []byte) (*SessionAdmissionTooLong, error) {
	out := new(SessionAdmissionTooLong)
	if err := sessionAdmission.abi.UnpackIntoInterface(out, "TooLong", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionAdmissionTooManyParticipants represents a TooManyParticipants error raised by the SessionAdmission contract.
type SessionAdmissionTooManyParticipants struct {
	Most *big.Int
	Got  *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error TooManyParticipants(uint256 most, uint256 got)
func SessionAdmissionTooManyParticipantsErrorID() common.Hash {
	return common.HexToHash("0xe3185778ad17ff7b15bacd7c1c51b7ec3f7f2703e35b6254318ff6735b963377")
}

// UnpackTooManyParticipantsError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error TooManyParticipants(uint256 most, uint256 got)
func (sessionAdmission *SessionAdmission) UnpackTooManyParticipantsError(raw []byte) (*SessionAdmissionTooManyParticipants, error) {
	out := new(SessionAdmissionTooManyParticipants)
	if err := sessionAdmission.abi.UnpackIntoInterface(out, "TooManyParticipants", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionAdmissionWrongPrice represents a WrongPrice error raised by the SessionAdmission contract.
type SessionAdmissionWrongPrice struct {
	Expected *big.Int
	Got      *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongPrice(uint256 expected, uint256 got)
func SessionAdmissionWrongPriceErrorID() common.Hash {
	return common.HexToHash("0x6871963ecfaa42ef4294ecf7c25a19680ce1fffd2e1762b921f1e95aa9d2f043")
}

// UnpackWrongPriceError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongPrice(uint256 expected, uint256 got)
func (sessionAdmission *SessionAdmission) UnpackWrongPriceError(raw []byte) (*SessionAdmissionWrongPrice, error) {
	out := new(SessionAdmissionWrongPrice)
	if err := sessionAdmission.abi.UnpackIntoInterface(out, "WrongPrice", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowMetaData contains all meta data concerning the SessionEscrow contract.
var SessionEscrowMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"chain_\",\"type\":\"bytes32\"}],\"stateMutability\":\"nonpayable\",\"type\":\"constructor\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"}],\"name\":\"AlreadySettled\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"deadline\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"timestamp\",\"type\":\"uint64\"}],\"name\":\"BeforeDeadline\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"Malformed\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NoMessage\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NoReceiptNeeded\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"}],\"name\":\"NoSuchDeposit\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NotADelivery\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NotAProof\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NotNeighbours\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"sequence\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"read\",\"type\":\"uint64\"}],\"name\":\"NotRead\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NotTaken\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint32\",\"name\":\"index\",\"type\":\"uint32\"}],\"name\":\"NotVerified\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NothingDeposited\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"expected\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"got\",\"type\":\"uint64\"}],\"name\":\"SequenceTooLow\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"sequence\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"read\",\"type\":\"uint64\"}],\"name\":\"WasRead\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"sequence\",\"type\":\"uint256\"}],\"name\":\"WasSaid\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongChain\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongHeader\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes\",\"name\":\"expected\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"got\",\"type\":\"bytes\"}],\"name\":\"WrongKey\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongMessage\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongReader\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongRoot\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongSession\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongTranscript\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"session\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"payee\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"address\",\"name\":\"payer\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"}],\"name\":\"Deposited\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"}],\"name\":\"Paid\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"}],\"name\":\"Refunded\",\"type\":\"event\"},{\"inputs\":[],\"name\":\"chain\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"},{\"internalType\":\"uint32\",\"name\":\"index\",\"type\":\"uint32\"}],\"name\":\"claim\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"count\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"\",\"type\":\"uint256\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"addresspayable\",\"name\":\"payee\",\"type\":\"address\"},{\"internalType\":\"bytes32\",\"name\":\"session\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"message\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"sequence\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"reader\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"deadline\",\"type\":\"uint64\"}],\"name\":\"deposit\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"}],\"stateMutability\":\"payable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"}],\"name\":\"deposits\",\"outputs\":[{\"components\":[{\"internalType\":\"addresspayable\",\"name\":\"payer\",\"type\":\"address\"},{\"internalType\":\"addresspayable\",\"name\":\"payee\",\"type\":\"address\"},{\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"},{\"internalType\":\"bytes32\",\"name\":\"session\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"message\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"sequence\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"reader\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"deadline\",\"type\":\"uint64\"}],\"internalType\":\"structSessionEscrow.Deposit\",\"name\":\"\",\"type\":\"tuple\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"},{\"internalType\":\"uint32\",\"name\":\"index\",\"type\":\"uint32\"},{\"internalType\":\"bytes\",\"name\":\"header\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"proof\",\"type\":\"bytes\"},{\"components\":[{\"internalType\":\"bytes32\",\"name\":\"message\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"timestamp\",\"type\":\"uint64\"}],\"internalType\":\"structSessionState.Said[]\",\"name\":\"said\",\"type\":\"tuple[]\"}],\"name\":\"refund\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"},{\"internalType\":\"uint32\",\"name\":\"index\",\"type\":\"uint32\"},{\"internalType\":\"bytes\",\"name\":\"header\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"receipt\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"message\",\"type\":\"bytes\"}],\"name\":\"refundUnread\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"},{\"components\":[{\"internalType\":\"bytes32\",\"name\":\"message\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"timestamp\",\"type\":\"uint64\"}],\"internalType\":\"structSessionState.Said[]\",\"name\":\"said\",\"type\":\"tuple[]\"}],\"name\":\"scan\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"},{\"internalType\":\"address\",\"name\":\"by\",\"type\":\"address\"}],\"name\":\"scans\",\"outputs\":[{\"components\":[{\"internalType\":\"bytes32\",\"name\":\"transcript\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"count\",\"type\":\"uint64\"}],\"internalType\":\"structSessionEscrow.Scan\",\"name\":\"\",\"type\":\"tuple\"}],\"stateMutability\":\"view\",\"type\":\"function\"}]",
	ID:  "SessionEscrow",
	Bin: "0x60a03461006f57601f612dac38819003918201601f19168301916001600160401b038311848410176100735780849260209460405283398101031261006f5751608052604051612d24908161008882396080518181816102dc01528181610ae101528181611132015261146c0152f35b5f80fd5b634e487b7160e01b5f52604160045260245ffdfe6080806040526004361015610012575f80fd5b5f3560e01c90816306661abd14610ea4575080631cc928da14610a545780633dc5eabe146107755780635310d028146105985780635c71d913146104e0578063b02c43d01461039d578063b3028233146102ff578063c763e5a1146102c55763f41611e41461007f575f80fd5b346102c15760a06003193601126102c15760043561009b610ebd565b60443567ffffffffffffffff81116102c1576100bb903690600401610ed0565b9060643567ffffffffffffffff81116102c1576100dc903690600401610ed0565b92909160843567ffffffffffffffff81116102c157610102610115913690600401610efe565b93909261010e896110a6565b9788611469565b90600386015492604051937f0300000000000000000000000000000000000000000000000000000000000000602086015260218501526021845261015a604185610fd7565b610164868661168b565b156101be5750509261019894926101909273ffffffffffffffffffffffffffffffffffffffff956119d2565b5416826113d2565b7f3d2a04f53164bedf9a8a46353305d6b2d2261410406df3b41f99ce6489dc003c5f80a2005b92936101ec9591946101cf93611e19565b6101da949194611050565b506101e58186612bcd565b5094612578565b9167ffffffffffffffff6040519461020386610f9f565b16845260208401928352600485015461025c575050506101989161025767ffffffffffffffff73ffffffffffffffffffffffffffffffffffffffff93511667ffffffffffffffff6005840154168110611068565b610190565b6102699293508486611bdc565b51905180820361029357505073ffffffffffffffffffffffffffffffffffffffff61019891610190565b7f986f42b8000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b5f80fd5b346102c1575f6003193601126102c15760206040517f00000000000000000000000000000000000000000000000000000000000000008152f35b346102c15760406003193601126102c15760243573ffffffffffffffffffffffffffffffffffffffff811681036102c157610338611050565b506004355f52600160205273ffffffffffffffffffffffffffffffffffffffff60405f2091165f526020526040805f2067ffffffffffffffff825161037c81610f9f565b60208260018554958685520154169101908152835192835251166020820152f35b346102c15760206003193601126102c1575f60e06040516103bd81610f66565b8281528260208201528260408201528260608201528260808201528260a08201528260c082015201526101006103f4600435611dd8565b67ffffffffffffffff60405161040981610f66565b73ffffffffffffffffffffffffffffffffffffffff835416928382528273ffffffffffffffffffffffffffffffffffffffff600183015416602084019081526002830154604085019081526003840154606086019081526004850154916080870192835273ffffffffffffffffffffffffffffffffffffffff856005880154169460a0890195865260e087600760068b01549a60c08d019b8c5201541699019889526040519a8b52511660208a0152516040890152516060880152516080870152511660a08501525160c0840152511660e0820152f35b346102c15760406003193601126102c15760043560243567ffffffffffffffff81116102c157610517610527913690600401610efe565b90610521846110a6565b84611bdc565b905f52600160205260405f2073ffffffffffffffffffffffffffffffffffffffff33165f5260205267ffffffffffffffff600181602060405f209480518655015116920191167fffffffffffffffffffffffffffffffffffffffffffffffff00000000000000008254161790555f80f35b346102c15760a06003193601126102c1576004356105b4610ebd565b60443567ffffffffffffffff81116102c1576105d4903690600401610ed0565b919060643567ffffffffffffffff81116102c1576105f6903690600401610ed0565b92909160843567ffffffffffffffff81116102c157610619903690600401610ed0565b9092610624886110a6565b96600688015493841561074d5761063b9289611469565b92610646868661168b565b156106805750509284926101909261067a73ffffffffffffffffffffffffffffffffffffffff96600361019899015461184e565b906119d2565b90916106f6939567ffffffffffffffff956106a26106a89360038b015461184e565b88611e19565b95906106b2611f65565b5060406106d7876106c38a85612af8565b5016986106d08185612b68565b50936124dc565b91878251916106e583610f83565b8a83521660208201520152866116ea565b168082101561071f57505073ffffffffffffffffffffffffffffffffffffffff61019891610190565b7f05e0eb7b000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b7fc0de684e000000000000000000000000000000000000000000000000000000005f5260045ffd5b60c06003193601126102c15760043573ffffffffffffffffffffffffffffffffffffffff81168091036102c157602435604435916064359167ffffffffffffffff83168093036102c15760a4359267ffffffffffffffff84168094036102c1573415610a2c578415801590610a23575b156109fb575f5493604051906107fa82610f66565b33825260208201918583526040810191348352606082019386855260808301998a5260a0830195865260c0830190608435825260e08401928352680100000000000000008a10156109ce5760018a015f556108548a611018565b9790976109a25760209b67ffffffffffffffff9760079773ffffffffffffffffffffffffffffffffffffffff8a98958c7fffffffffffffffffffffffff000000000000000000000000000000000000000083808d9a511616915416178d55511673ffffffffffffffffffffffffffffffffffffffff60018d0191167fffffffffffffffffffffffff00000000000000000000000000000000000000008254161790555160028b01555160038a01555160048901555116836005880191167fffffffffffffffffffffffffffffffffffffffffffffffff00000000000000008254161790555160068601555116920191167fffffffffffffffffffffffffffffffffffffffffffffffff0000000000000000825416179055827fa3e98a6529ca62381708481bcfc11718a98a36103eb6ffcb2f0f0763eb2851e2604080513381523488820152a4604051908152f35b7f4e487b71000000000000000000000000000000000000000000000000000000005f525f60045260245ffd5b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b7fc07c26d2000000000000000000000000000000000000000000000000000000005f5260045ffd5b508015156107e5565b7f69b95dc9000000000000000000000000000000000000000000000000000000005f5260045ffd5b346102c15760406003193601126102c157600435610a70610ebd565b610a79826110a6565b90600682015480155f14610ade5750600182610aad73ffffffffffffffffffffffffffffffffffffffff93610ab895611130565b505b015416826113d2565b7f581d416ae9dff30c9305c2b35cb09ed5991897ab97804db29ccf92678e9531605f80a2005b907f000000000000000000000000000000000000000000000000000000000000000091610b096110e9565b50610b126110e9565b92604051937f6f82535000000000000000000000000000000000000000000000000000000000855263ffffffff8416938460048701525f866024817302000000000000000000000000000000000000055afa8015610e99575f965f91610daf575b5090610b7e91611e49565b610b8c855183808214611e83565b604085015191825160d181149081610d6a575b5015610d42576021830151610bb691818114611e83565b604182015160c01c815260498201516020820152606982015190604081019182526089830151606082015273ffffffffffffffffffffffffffffffffffffffff80602060a986015160c01c9860808501998a5260b18701519460c060d160a0830199888b520151910152015116911603610d4257610c3c90516003870154808214610f2f565b5190808203610d145750506004830154610cbf575067ffffffffffffffff8080600585015416925b51169116808210610c9157505073ffffffffffffffffffffffffffffffffffffffff6001610ab892610aaf565b7f014dc2c3000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b60010163ffffffff8111610ce75767ffffffffffffffff610ce1819285611130565b92610c64565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b7ffb00f72b000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b7fecb1f7af000000000000000000000000000000000000000000000000000000005f5260045ffd5b905015610d82576003602084015160f81c1489610b9f565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b9650503d805f883e610dc18188610fd7565b8601906040878303126102c157865167ffffffffffffffff81116102c1578701966060888403126102c15760405197610df989610f83565b80518952602081015173ffffffffffffffffffffffffffffffffffffffff811681036102c15760208a015260408101519067ffffffffffffffff82116102c157019083601f830112156102c157815190610e5282611398565b94610e606040519687610fd7565b828652602083850101116102c15784610e87602093610e92958580610b7e9a0191016118c8565b60408b015201611e3c565b9091610b73565b6040513d5f823e3d90fd5b346102c1575f6003193601126102c1576020905f548152f35b6024359063ffffffff821682036102c157565b9181601f840112156102c15782359167ffffffffffffffff83116102c157602083818601950101116102c157565b9181601f840112156102c15782359167ffffffffffffffff83116102c1576020808501948460061b0101116102c157565b15610f38575050565b7fa19643b9000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b610100810190811067ffffffffffffffff8211176109ce57604052565b6060810190811067ffffffffffffffff8211176109ce57604052565b6040810190811067ffffffffffffffff8211176109ce57604052565b60a0810190811067ffffffffffffffff8211176109ce57604052565b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff8211176109ce57604052565b5f54811015610d82575f80805260039190911b7f290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e5630191565b6040519061105d82610f9f565b5f6020838281520152565b156110705750565b67ffffffffffffffff907f6f570517000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b906110b082611dd8565b916002830154156110be5750565b7f8fec535e000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b6040519060e0820182811067ffffffffffffffff8211176109ce576040525f60c0838281528260208201528260408201528260608201528260808201528260a08201520152565b7f00000000000000000000000000000000000000000000000000000000000000009161115a6110e9565b506111636110e9565b90604051907f6f82535000000000000000000000000000000000000000000000000000000000825263ffffffff811660048301525f826024817302000000000000000000000000000000000000055afa8015610e99575f925f916112ae575b50906111cd91611e49565b6111db815185808214611e83565b604081015193845160d181149081611296575b5015610d4257602185015161120591818114611e83565b604184015160c01c8252604984015160208301526069840151936040830194855273ffffffffffffffffffffffffffffffffffffffff8060206089840151946060870195865260a985015160c01c966080810197885260c060d160b1880151978860a08501520151910152015116911603610d425767ffffffffffffffff6112939451915192511692611eba565b90565b905015610d82576001602086015160f81c145f6111ee565b9250503d805f843e6112c08184610fd7565b8201906040838303126102c157825167ffffffffffffffff81116102c1578301926060848403126102c157604051936112f885610f83565b80518552602081015173ffffffffffffffffffffffffffffffffffffffff811681036102c157602086015260408101519067ffffffffffffffff82116102c157019083601f830112156102c15781519061135182611398565b9461135f6040519687610fd7565b828652602083850101116102c157846113866020936113919585806111cd9a0191016118c8565b604087015201611e3c565b90916111c2565b67ffffffffffffffff81116109ce57601f017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe01660200190565b5f8080939273ffffffffffffffffffffffffffffffffffffffff8294836002611407816113fe87611018565b50015495611018565b500155165af13d15611464573d61141d81611398565b9061142b6040519283610fd7565b81525f60203d92013e5b1561143c57565b7fc02791fe000000000000000000000000000000000000000000000000000000005f5260045ffd5b611435565b907f0000000000000000000000000000000000000000000000000000000000000000611493611f65565b50604051917fce7f592900000000000000000000000000000000000000000000000000000000835263ffffffff811660048401526060836024817302000000000000000000000000000000000000055afa8015610e99575f935f91611617575b5061150d929161150291611e49565b825190808214611e83565b60205f6040518686823780878101838152039060025afa15610e995760205f5191015160205f6040518787823780888101838152039060025afa15610e9957805f5192036115e9575050600767ffffffffffffffff9161156b611f65565b50604061159061157b8787612c32565b5096856115888289612bcd565b501696612585565b958482519161159e83610f83565b168152856020820152019485520154168082106115bb5750505190565b7ffc7901e6000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b7f340b3b5e000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b935050908260603d606011611678575b6116318183610fd7565b810103606081126102c1576040136102c15761150261150d9261166f604080519661165b88610f9f565b805188526020810151602089015201611e3c565b915091926114f3565b503d611627565b90821015610d82570190565b9015908115918261169b57505090565b909150610d8257357fff00000000000000000000000000000000000000000000000000000000000000167f12000000000000000000000000000000000000000000000000000000000000001490565b9193929093600483015494851561183957906117069291611f83565b919093926009821491826117e5575b5050156117b5576112939394505f608060405161173181610fbb565b82815282602082015282604082015282606082015201526117528184612592565b9161175d828561259f565b91608067ffffffffffffffff61178a61177684896125ac565b9382611782828b612c32565b501698612bcd565b506040519361179885610fbb565b878552866020860152604085015287606085015216910152611eba565b847fae479181000000000000000000000000000000000000000000000000000000005f526004525f60245260445ffd5b90915015610d8257357fff00000000000000000000000000000000000000000000000000000000000000167f0400000000000000000000000000000000000000000000000000000000000000145f80611715565b5050506005015467ffffffffffffffff169150565b90604051917f050000000000000000000000000000000000000000000000000000000000000060208401526021830152604182015260418152611293606182610fd7565b92919261189e82611398565b916118ac6040519384610fd7565b8294818452818301116102c1578281602093845f960137010152565b5f5b8381106118d95750505f910152565b81810151838201526020016118ca565b929092156118f657505050565b9160646020927fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f8661196c978383876040519b8c809b7f4f761816000000000000000000000000000000000000000000000000000000008252604060048301528d81519483866044819601520191016118c8565b01168701946003198789880301016024890152818787015260848601375f878683870101015201160101030190fd5b156119a4575050565b7fa864586d000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b92919082151580611bb8575b15611b03576119ef600184846125b9565b9390926119fc8583611fd1565b8411611b0357611a1b611a23918684611a158883611fc4565b92611fde565b949095611fc4565b03611b0357611a328284611ff6565b9590611a5a81848996611a46368484611892565b6020815191012081516020830120146118e9565b5f9566010000000000009786811015611b03577f12000000000000000000000000000000000000000000000000000000000000007fff00000000000000000000000000000000000000000000000000000000000000611aba838a8661167f565b351614611b75575b50858510611b2b575b5050505003611b035703611adb57565b7fdb84eee4000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f7c01d2d9000000000000000000000000000000000000000000000000000000005f5260045ffd5b611b4a975090611b43611b62949587611b5d9461209a565b99916120fc565b989395929691505087519080821461199b565b612409565b15611adb5760200151925f808080611acb565b819750611b94955082611b8d611ba89289889561205a565b98916120fc565b8097949250611b5d9150518980821461199b565b15611adb5760400151955f611ac2565b508215610d8257813560f81c6012146119de565b9190811015610d825760061b0190565b93929093611be8611050565b505f52600160205260405f2073ffffffffffffffffffffffffffffffffffffffff33165f5260205260405f209167ffffffffffffffff600160405194611c2d86610f9f565b80548652015416946020840190868252849615611d73575b600401545f5b848110611c5a57505050505050565b67ffffffffffffffff83511667ffffffffffffffff8114610ce75760010167ffffffffffffffff168352611ca882611c93838888611bcc565b35141567ffffffffffffffff85511690611068565b8551611cb5828787611bcc565b602081013567ffffffffffffffff811681036102c1576020925f927fffffffffffffffff000000000000000000000000000000000000000000000000611d5a9360405192878401947f73657373696f6e766d2f7472616e7363726970742f76310000000000000000008652876037860152603885015235605884015260c01b16607882015260608152611d49608082610fd7565b6040519283928392519283916118c8565b8101039060025afa15610e99575f518652600101611c4b565b60205f611dc26003840154604051848101917f73657373696f6e766d2f7472616e7363726970742f76310000000000000000008352846037830152603882015260388152611d49605882610fd7565b8101039060025afa15610e99575f518552611c45565b5f54811015611dee57611dea90611018565b5090565b7f8d61adb6000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b92611e299192611e389594611f83565b95929093611a46368484611892565b9190565b519081151582036102c157565b15611e515750565b63ffffffff907fc4fab876000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b15611e8c575050565b7fe894bab4000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b9190611ecd906003840154808214610f2f565b600482015480158015611f5c575b15611f2e5750506005015467ffffffffffffffff8281169116808210611f0057505090565b7fdb7c5670000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b7fae479181000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b50808214611edb565b60405190611f7282610f83565b5f6040838281528260208201520152565b9082611f9191949394611ff6565b94909403611b0357611fc293611faf91611fa9611f65565b506120fc565b959296919490939695519080821461199b565b565b91908201809211610ce757565b91908203918211610ce757565b909392938483116102c15784116102c1578101920390565b909182151580612046575b15611b0357612012600184846125b9565b92909361201f8482611fd1565b8511611b0357612040918461203892611a158883611fc4565b949093611fc4565b91929190565b508215610d8257813560f81c600a14612001565b9192909283811080612082575b15611b035760018101809111610ce7576120129084846125b9565b50601261209082868661167f565b3560f81c14612067565b91929092838110806120c15715611b035760018101809111610ce7576120129084846125b9565b50601a61209082868661167f565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff8114610ce75760010190565b918291612107611f65565b916121128285611ff6565b82939193906121238591878a61205a565b9196909561213488938a899d61209a565b98841515806123ff575b806123f6575b15611b035760068211806123a2575b15611b0357816006108061238d575b15611b0357612173600783856125b9565b9290936121808483611fd1565b8511611b03576121996121a1918584611a158983611fc4565b959094611fc4565b03611b03576121b0838361268f565b9a8b51158061237f575b80612372575b15611b0357815f9160209360405192839283378101838152039060025afa15610e995783611d4960216001612272955f976020809a8a519260405198858a968588019c8d378601917fff000000000000000000000000000000000000000000000000000000000000008260f81b1685840152888301370101907f200000000000000000000000000000000000000000000000000000000000000084830152600282015203016001810184520182610fd7565b8101039060025afa15610e99575f5188525f945b878110801561233c576030871015611b03578b90828a82612321575b5050905015611b035760018101809111610ce7576122c190888c6125b9565b956122cc878a611fd1565b8211611b03576122fd826122f46122ec8f8b8e611a156123099983611fc4565b92909a611fc4565b988a8d51612708565b908b5261230f576120cf565b94612286565b60208a016001821b81511790526120cf565b61232e925060229361167f565b3560f81c148b90828a6122a2565b505096945096945096509060300360308111610ce75761236b90600160208501918251811b8093521b90611fc4565b6040830152565b508360608d0151146121c0565b50600160208d0151146121ba565b15610d8257602a600684013560f81c14612162565b50816006116102c1577f08011801200100000000000000000000000000000000000000000000000000007fffffffffffff000000000000000000000000000000000000000000000000000084351614612153565b50801515612144565b506080851061213e565b92905f5b818110806124d3575b156124cb577fff0000000000000000000000000000000000000000000000000000000000000061244782848861167f565b35167fff0000000000000000000000000000000000000000000000000000000000000061247583868861167f565b35160361248a57612485906120cf565b61240d565b90917fff000000000000000000000000000000000000000000000000000000000000006124bd836124c59583979861167f565b35169461167f565b35161190565b501092915050565b50828110612416565b906124e960228284612c97565b90801561257057602003612548576020810191828211610ce75761250c93611fde565b9035906020811061251b575090565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9060200360031b1b1690565b7f07b6ad3f000000000000000000000000000000000000000000000000000000005f5260045ffd5b505050505f90565b906124e9605a8284612c97565b906124e960328284612c97565b906124e9600a8284612c97565b906124e960128284612c97565b906124e9601a8284612c97565b9192905f905f5b604081106125f0577f07b6ad3f000000000000000000000000000000000000000000000000000000005f5260045ffd5b818610156125485761260c612604876120cf565b96838761167f565b3560f81c92607f8416821b17926080811061265b575060078101809111156125c0577f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b9150919293501590811591612686575b508061267b575b15612548579190565b508060401c15612672565b9050155f61266b565b9190604051906080820182811067ffffffffffffffff8211176109ce576040525f825260208201915f835260408101925f845260608201925f845282966126d75f83836125b9565b60018216611b03576126fa956126f39260011c90528383612d08565b9352612d08565b9252600c821015611b035752565b926002811180612aa4575b15611b03578060021080612a8f575b15611b0357612733600382856125b9565b9190926127408383611fd1565b8411611b035761275e6121996127568686611fc4565b858589611fde565b90612769858561268f565b805182511080612a7e575b80612a6c575b15611b03576060816127a8938893519060208301516040840151604083015260208201525201518186611fde565b9183811461295c5783811080612944575b15611b035760018101809111610ce7576127d49084886125b9565b9390966127e18583611fd1565b8811611b03576127fa612802918684611a158c83611fc4565b989095611fc4565b03611b03576001821491826128f0575b5050806128e6575b80612894575b15611b0357611d49602061288194818781995f99604051978589968688019b8c378601928584015260408301370101878382015203017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08101835282610fd7565b8101039060025afa15610e99575f805191565b508315610d82577f20000000000000000000000000000000000000000000000000000000000000007fff0000000000000000000000000000000000000000000000000000000000000082351614612820565b506021841461281a565b90915015610d8257357fff00000000000000000000000000000000000000000000000000000000000000167f2000000000000000000000000000000000000000000000000000000000000000145f80612812565b50601a61295282868a61167f565b3560f81c146127b9565b50915091949350602282149182612a18575b826129be575b505015611b03576020925f92611d4985806129a995604051948186928484019889378201908382015203018084520182610fd7565b8101039060025afa15610e99575f5190600190565b90915060211015610d8257602101357fff00000000000000000000000000000000000000000000000000000000000000167f2000000000000000000000000000000000000000000000000000000000000000145f80612974565b80925015610d82577f20000000000000000000000000000000000000000000000000000000000000007fff00000000000000000000000000000000000000000000000000000000000000823516149161296e565b5060408101516040830151111561277a565b506020810151602083015110612774565b15610d82576012600284013560f81c14612722565b50806002116102c1577f08010000000000000000000000000000000000000000000000000000000000007fffff00000000000000000000000000000000000000000000000000000000000084351614612713565b5f5b828110612b0a575050505f905f90565b612b1581848461167f565b3560f81c9060018101809111610ce757612b309084846125b9565b91828260088314612b5d575050600716600214612b4e575b50612afa565b612b5791611fc4565b5f612b48565b969095509350505050565b5f5b828110612b7a575050505f905f90565b612b8581848461167f565b3560f81c9060018101809111610ce757612ba09084846125b9565b91828260108314612b5d575050600716600214612bbe575b50612b6a565b612bc791611fc4565b5f612bb8565b5f5b828110612bdf575050505f905f90565b612bea81848461167f565b3560f81c9060018101809111610ce757612c059084846125b9565b91828260288314612b5d575050600716600214612c23575b50612bcf565b612c2c91611fc4565b5f612c1d565b5f5b828110612c44575050505f905f90565b612c4f81848461167f565b3560f81c9060018101809111610ce757612c6a9084846125b9565b91828260208314612b5d575050600716600214612c88575b50612c34565b612c9191611fc4565b5f612c82565b5f5b828110612caa57505050505f905f90565b612cb581848461167f565b3560f81c9060018101809111610ce757612cd09084846125b9565b918282878314612cfc575050600716600214612ced575b50612c99565b612cf691611fc4565b5f612ce7565b97909650945050505050565b90612d1392916125b9565b919060018116611b035760011c919056",
}

// SessionEscrow is an auto generated Go binding around an Ethereum contract.
type SessionEscrow struct {
	abi abi.ABI
}

// NewSessionEscrow creates a new instance of SessionEscrow.
func NewSessionEscrow() *SessionEscrow {
	parsed, err := SessionEscrowMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &SessionEscrow{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *SessionEscrow) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackConstructor is the Go binding used to pack the parameters required for
// contract deployment.
//
// Solidity: constructor(bytes32 chain_) returns()
func (sessionEscrow *SessionEscrow) PackConstructor(chain_ [32]byte) []byte {
	enc, err := sessionEscrow.abi.Pack("", chain_)
	if err != nil {
		panic(err)
	}
	return enc
}

// PackChain is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc763e5a1.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function chain() view returns(bytes32)
func (sessionEscrow *SessionEscrow) PackChain() []byte {
	enc, err := sessionEscrow.abi.Pack("chain")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackChain is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc763e5a1.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function chain() view returns(bytes32)
func (sessionEscrow *SessionEscrow) TryPackChain() ([]byte, error) {
	return sessionEscrow.abi.Pack("chain")
}

// UnpackChain is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xc763e5a1.
//
// Solidity: function chain() view returns(bytes32)
func (sessionEscrow *SessionEscrow) UnpackChain(data []byte) ([32]byte, error) {
	out, err := sessionEscrow.abi.Unpack("chain", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackClaim is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x1cc928da.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function claim(uint256 id, uint32 index) returns()
func (sessionEscrow *SessionEscrow) PackClaim(id *big.Int, index uint32) []byte {
	enc, err := sessionEscrow.abi.Pack("claim", id, index)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackClaim is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x1cc928da.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function claim(uint256 id, uint32 index) returns()
func (sessionEscrow *SessionEscrow) TryPackClaim(id *big.Int, index uint32) ([]byte, error) {
	return sessionEscrow.abi.Pack("claim", id, index)
}

// PackCount is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x06661abd.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function count() view returns(uint256)
func (sessionEscrow *SessionEscrow) PackCount() []byte {
	enc, err := sessionEscrow.abi.Pack("count")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackCount is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x06661abd.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function count() view returns(uint256)
func (sessionEscrow *SessionEscrow) TryPackCount() ([]byte, error) {
	return sessionEscrow.abi.Pack("count")
}

// UnpackCount is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x06661abd.
//
// Solidity: function count() view returns(uint256)
func (sessionEscrow *SessionEscrow) UnpackCount(data []byte) (*big.Int, error) {
	out, err := sessionEscrow.abi.Unpack("count", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackDeposit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x3dc5eabe.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function deposit(address payee, bytes32 session, bytes32 message, uint64 sequence, bytes32 reader, uint64 deadline) payable returns(uint256 id)
func (sessionEscrow *SessionEscrow) PackDeposit(payee common.Address, session [32]byte, message [32]byte, sequence uint64, reader [32]byte, deadline uint64) []byte {
	enc, err := sessionEscrow.abi.Pack("deposit", payee, session, message, sequence, reader, deadline)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackDeposit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x3dc5eabe.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function deposit(address payee, bytes32 session, bytes32 message, uint64 sequence, bytes32 reader, uint64 deadline) payable returns(uint256 id)
func (sessionEscrow *SessionEscrow) TryPackDeposit(payee common.Address, session [32]byte, message [32]byte, sequence uint64, reader [32]byte, deadline uint64) ([]byte, error) {
	return sessionEscrow.abi.Pack("deposit", payee, session, message, sequence, reader, deadline)
}

// UnpackDeposit is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x3dc5eabe.
//
// Solidity: function deposit(address payee, bytes32 session, bytes32 message, uint64 sequence, bytes32 reader, uint64 deadline) payable returns(uint256 id)
func (sessionEscrow *SessionEscrow) UnpackDeposit(data []byte) (*big.Int, error) {
	out, err := sessionEscrow.abi.Unpack("deposit", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackDeposits is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb02c43d0.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function deposits(uint256 id) view returns((address,address,uint256,bytes32,bytes32,uint64,bytes32,uint64))
func (sessionEscrow *SessionEscrow) PackDeposits(id *big.Int) []byte {
	enc, err := sessionEscrow.abi.Pack("deposits", id)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackDeposits is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb02c43d0.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function deposits(uint256 id) view returns((address,address,uint256,bytes32,bytes32,uint64,bytes32,uint64))
func (sessionEscrow *SessionEscrow) TryPackDeposits(id *big.Int) ([]byte, error) {
	return sessionEscrow.abi.Pack("deposits", id)
}

// UnpackDeposits is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xb02c43d0.
//
// Solidity: function deposits(uint256 id) view returns((address,address,uint256,bytes32,bytes32,uint64,bytes32,uint64))
func (sessionEscrow *SessionEscrow) UnpackDeposits(data []byte) (SessionEscrowDeposit, error) {
	out, err := sessionEscrow.abi.Unpack("deposits", data)
	if err != nil {
		return *new(SessionEscrowDeposit), err
	}
	out0 := *abi.ConvertType(out[0], new(SessionEscrowDeposit)).(*SessionEscrowDeposit)
	return out0, nil
}

// PackRefund is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf41611e4.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function refund(uint256 id, uint32 index, bytes header, bytes proof, (bytes32,uint64)[] said) returns()
func (sessionEscrow *SessionEscrow) PackRefund(id *big.Int, index uint32, header []byte, proof []byte, said []SessionStateSaid) []byte {
	enc, err := sessionEscrow.abi.Pack("refund", id, index, header, proof, said)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRefund is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf41611e4.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function refund(uint256 id, uint32 index, bytes header, bytes proof, (bytes32,uint64)[] said) returns()
func (sessionEscrow *SessionEscrow) TryPackRefund(id *big.Int, index uint32, header []byte, proof []byte, said []SessionStateSaid) ([]byte, error) {
	return sessionEscrow.abi.Pack("refund", id, index, header, proof, said)
}

// PackRefundUnread is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x5310d028.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function refundUnread(uint256 id, uint32 index, bytes header, bytes receipt, bytes message) returns()
func (sessionEscrow *SessionEscrow) PackRefundUnread(id *big.Int, index uint32, header []byte, receipt []byte, message []byte) []byte {
	enc, err := sessionEscrow.abi.Pack("refundUnread", id, index, header, receipt, message)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRefundUnread is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x5310d028.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function refundUnread(uint256 id, uint32 index, bytes header, bytes receipt, bytes message) returns()
func (sessionEscrow *SessionEscrow) TryPackRefundUnread(id *big.Int, index uint32, header []byte, receipt []byte, message []byte) ([]byte, error) {
	return sessionEscrow.abi.Pack("refundUnread", id, index, header, receipt, message)
}

// PackScan is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x5c71d913.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function scan(uint256 id, (bytes32,uint64)[] said) returns()
func (sessionEscrow *SessionEscrow) PackScan(id *big.Int, said []SessionStateSaid) []byte {
	enc, err := sessionEscrow.abi.Pack("scan", id, said)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackScan is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x5c71d913.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function scan(uint256 id, (bytes32,uint64)[] said) returns()
func (sessionEscrow *SessionEscrow) TryPackScan(id *big.Int, said []SessionStateSaid) ([]byte, error) {
	return sessionEscrow.abi.Pack("scan", id, said)
}

// PackScans is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb3028233.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function scans(uint256 id, address by) view returns((bytes32,uint64))
func (sessionEscrow *SessionEscrow) PackScans(id *big.Int, by common.Address) []byte {
	enc, err := sessionEscrow.abi.Pack("scans", id, by)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackScans is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb3028233.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function scans(uint256 id, address by) view returns((bytes32,uint64))
func (sessionEscrow *SessionEscrow) TryPackScans(id *big.Int, by common.Address) ([]byte, error) {
	return sessionEscrow.abi.Pack("scans", id, by)
}

// UnpackScans is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xb3028233.
//
// Solidity: function scans(uint256 id, address by) view returns((bytes32,uint64))
func (sessionEscrow *SessionEscrow) UnpackScans(data []byte) (SessionEscrowScan, error) {
	out, err := sessionEscrow.abi.Unpack("scans", data)
	if err != nil {
		return *new(SessionEscrowScan), err
	}
	out0 := *abi.ConvertType(out[0], new(SessionEscrowScan)).(*SessionEscrowScan)
	return out0, nil
}

// SessionEscrowDeposited represents a Deposited event raised by the SessionEscrow contract.
type SessionEscrowDeposited struct {
	Id      *big.Int
	Session [32]byte
	Payee   common.Address
	Payer   common.Address
	Amount  *big.Int
	Raw     *types.Log // Blockchain specific contextual infos
}

const SessionEscrowDepositedEventName = "Deposited"

// ContractEventName returns the user-defined event name.
func (SessionEscrowDeposited) ContractEventName() string {
	return SessionEscrowDepositedEventName
}

// UnpackDepositedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Deposited(uint256 indexed id, bytes32 indexed session, address indexed payee, address payer, uint256 amount)
func (sessionEscrow *SessionEscrow) UnpackDepositedEvent(log *types.Log) (*SessionEscrowDeposited, error) {
	event := "Deposited"
	if len(log.Topics) == 0 || log.Topics[0] != sessionEscrow.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(SessionEscrowDeposited)
	if len(log.Data) > 0 {
		if err := sessionEscrow.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range sessionEscrow.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// SessionEscrowPaid represents a Paid event raised by the SessionEscrow contract.
type SessionEscrowPaid struct {
	Id  *big.Int
	Raw *types.Log // Blockchain specific contextual infos
}

const SessionEscrowPaidEventName = "Paid"

// ContractEventName returns the user-defined event name.
func (SessionEscrowPaid) ContractEventName() string {
	return SessionEscrowPaidEventName
}

// UnpackPaidEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Paid(uint256 indexed id)
func (sessionEscrow *SessionEscrow) UnpackPaidEvent(log *types.Log) (*SessionEscrowPaid, error) {
	event := "Paid"
	if len(log.Topics) == 0 || log.Topics[0] != sessionEscrow.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(SessionEscrowPaid)
	if len(log.Data) > 0 {
		if err := sessionEscrow.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range sessionEscrow.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// SessionEscrowRefunded represents a Refunded event raised by the SessionEscrow contract.
type SessionEscrowRefunded struct {
	Id  *big.Int
	Raw *types.Log // Blockchain specific contextual infos
}

const SessionEscrowRefundedEventName = "Refunded"

// ContractEventName returns the user-defined event name.
func (SessionEscrowRefunded) ContractEventName() string {
	return SessionEscrowRefundedEventName
}

// UnpackRefundedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Refunded(uint256 indexed id)
func (sessionEscrow *SessionEscrow) UnpackRefundedEvent(log *types.Log) (*SessionEscrowRefunded, error) {
	event := "Refunded"
	if len(log.Topics) == 0 || log.Topics[0] != sessionEscrow.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(SessionEscrowRefunded)
	if len(log.Data) > 0 {
		if err := sessionEscrow.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range sessionEscrow.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (sessionEscrow *SessionEscrow) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["AlreadySettled"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackAlreadySettledError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["BeforeDeadline"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackBeforeDeadlineError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["Malformed"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackMalformedError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["NoMessage"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackNoMessageError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["NoReceiptNeeded"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackNoReceiptNeededError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["NoSuchDeposit"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackNoSuchDepositError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["NotADelivery"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackNotADeliveryError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["NotAProof"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackNotAProofError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["NotNeighbours"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackNotNeighboursError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["NotRead"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackNotReadError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["NotTaken"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackNotTakenError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["NotVerified"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackNotVerifiedError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["NothingDeposited"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackNothingDepositedError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["SequenceTooLow"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackSequenceTooLowError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["WasRead"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackWasReadError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["WasSaid"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackWasSaidError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["WrongChain"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackWrongChainError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["WrongHeader"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackWrongHeaderError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["WrongKey"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackWrongKeyError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["WrongMessage"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackWrongMessageError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["WrongReader"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackWrongReaderError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["WrongRoot"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackWrongRootError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["WrongSession"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackWrongSessionError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["WrongTranscript"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackWrongTranscriptError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// SessionEscrowAlreadySettled represents a AlreadySettled error raised by the SessionEscrow contract.
type SessionEscrowAlreadySettled struct {
	Id *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error AlreadySettled(uint256 id)
func SessionEscrowAlreadySettledErrorID() common.Hash {
	return common.HexToHash("0x8fec535e2000df0687739fc3f7b0b32ca8943ff6ba4f67b2172ade47d16ace06")
}

// UnpackAlreadySettledError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error AlreadySettled(uint256 id)
func (sessionEscrow *SessionEscrow) UnpackAlreadySettledError(raw []byte) (*SessionEscrowAlreadySettled, error) {
	out := new(SessionEscrowAlreadySettled)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "AlreadySettled", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowBeforeDeadline represents a BeforeDeadline error raised by the SessionEscrow contract.
type SessionEscrowBeforeDeadline struct {
	Deadline  uint64
	Timestamp uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error BeforeDeadline(uint64 deadline, uint64 timestamp)
func SessionEscrowBeforeDeadlineErrorID() common.Hash {
	return common.HexToHash("0xfc7901e66633d887decfc87d30d594d2aeb4c23e983cbe6afc00d25a3af273e5")
}

// UnpackBeforeDeadlineError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error BeforeDeadline(uint64 deadline, uint64 timestamp)
func (sessionEscrow *SessionEscrow) UnpackBeforeDeadlineError(raw []byte) (*SessionEscrowBeforeDeadline, error) {
	out := new(SessionEscrowBeforeDeadline)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "BeforeDeadline", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowMalformed represents a Malformed error raised by the SessionEscrow contract.
type SessionEscrowMalformed struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error Malformed()
func SessionEscrowMalformedErrorID() common.Hash {
	return common.HexToHash("0x07b6ad3ff7dbc4002539ae21306d8899743aedf933b34101681c6906979f10a5")
}

// UnpackMalformedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error Malformed()
func (sessionEscrow *SessionEscrow) UnpackMalformedError(raw []byte) (*SessionEscrowMalformed, error) {
	out := new(SessionEscrowMalformed)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "Malformed", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowNoMessage represents a NoMessage error raised by the SessionEscrow contract.
type SessionEscrowNoMessage struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NoMessage()
func SessionEscrowNoMessageErrorID() common.Hash {
	return common.HexToHash("0xc07c26d21667af73f0fe2b3110407a1aff5872a3886f1b4e57e9b5598e743448")
}

// UnpackNoMessageError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NoMessage()
func (sessionEscrow *SessionEscrow) UnpackNoMessageError(raw []byte) (*SessionEscrowNoMessage, error) {
	out := new(SessionEscrowNoMessage)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "NoMessage", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowNoReceiptNeeded represents a NoReceiptNeeded error raised by the SessionEscrow contract.
type SessionEscrowNoReceiptNeeded struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NoReceiptNeeded()
func SessionEscrowNoReceiptNeededErrorID() common.Hash {
	return common.HexToHash("0xc0de684ef1cab40ed0b513cbd0107a8c85ee89b107a4788baae509f2f42b14b7")
}

// UnpackNoReceiptNeededError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NoReceiptNeeded()
func (sessionEscrow *SessionEscrow) UnpackNoReceiptNeededError(raw []byte) (*SessionEscrowNoReceiptNeeded, error) {
	out := new(SessionEscrowNoReceiptNeeded)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "NoReceiptNeeded", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowNoSuchDeposit represents a NoSuchDeposit error raised by the SessionEscrow contract.
type SessionEscrowNoSuchDeposit struct {
	Id *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NoSuchDeposit(uint256 id)
func SessionEscrowNoSuchDepositErrorID() common.Hash {
	return common.HexToHash("0x8d61adb6c1379aebcd2e6824760ca6f9336713ed0aa231939f1b34d726679d0f")
}

// UnpackNoSuchDepositError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NoSuchDeposit(uint256 id)
func (sessionEscrow *SessionEscrow) UnpackNoSuchDepositError(raw []byte) (*SessionEscrowNoSuchDeposit, error) {
	out := new(SessionEscrowNoSuchDeposit)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "NoSuchDeposit", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowNotADelivery represents a NotADelivery error raised by the SessionEscrow contract.
type SessionEscrowNotADelivery struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotADelivery()
func SessionEscrowNotADeliveryErrorID() common.Hash {
	return common.HexToHash("0xecb1f7afcabf90138e39817d1b8ba40c97bfcacd5fd9380b892073e1a5d59396")
}

// UnpackNotADeliveryError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotADelivery()
func (sessionEscrow *SessionEscrow) UnpackNotADeliveryError(raw []byte) (*SessionEscrowNotADelivery, error) {
	out := new(SessionEscrowNotADelivery)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "NotADelivery", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowNotAProof represents a NotAProof error raised by the SessionEscrow contract.
type SessionEscrowNotAProof struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotAProof()
func SessionEscrowNotAProofErrorID() common.Hash {
	return common.HexToHash("0x7c01d2d99870c97d87263e8efad5f2f068a94c9f460eb0873a334e089e845598")
}

// UnpackNotAProofError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotAProof()
func (sessionEscrow *SessionEscrow) UnpackNotAProofError(raw []byte) (*SessionEscrowNotAProof, error) {
	out := new(SessionEscrowNotAProof)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "NotAProof", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowNotNeighbours represents a NotNeighbours error raised by the SessionEscrow contract.
type SessionEscrowNotNeighbours struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotNeighbours()
func SessionEscrowNotNeighboursErrorID() common.Hash {
	return common.HexToHash("0xdb84eee4b6cff793b0eea2a4b2235b6b082945df6ba55ad15ed990c16e1bc028")
}

// UnpackNotNeighboursError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotNeighbours()
func (sessionEscrow *SessionEscrow) UnpackNotNeighboursError(raw []byte) (*SessionEscrowNotNeighbours, error) {
	out := new(SessionEscrowNotNeighbours)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "NotNeighbours", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowNotRead represents a NotRead error raised by the SessionEscrow contract.
type SessionEscrowNotRead struct {
	Sequence uint64
	Read     uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotRead(uint64 sequence, uint64 read)
func SessionEscrowNotReadErrorID() common.Hash {
	return common.HexToHash("0x014dc2c3302f222b50bac836423584dd2bdac84c626f08ebaaac6043715d410c")
}

// UnpackNotReadError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotRead(uint64 sequence, uint64 read)
func (sessionEscrow *SessionEscrow) UnpackNotReadError(raw []byte) (*SessionEscrowNotRead, error) {
	out := new(SessionEscrowNotRead)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "NotRead", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowNotTaken represents a NotTaken error raised by the SessionEscrow contract.
type SessionEscrowNotTaken struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotTaken()
func SessionEscrowNotTakenErrorID() common.Hash {
	return common.HexToHash("0xc02791fe843c92c717e28a89f92fb32907402c65a17547695e1ad3d862be2be9")
}

// UnpackNotTakenError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotTaken()
func (sessionEscrow *SessionEscrow) UnpackNotTakenError(raw []byte) (*SessionEscrowNotTaken, error) {
	out := new(SessionEscrowNotTaken)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "NotTaken", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowNotVerified represents a NotVerified error raised by the SessionEscrow contract.
type SessionEscrowNotVerified struct {
	Index uint32
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotVerified(uint32 index)
func SessionEscrowNotVerifiedErrorID() common.Hash {
	return common.HexToHash("0xc4fab87667bea64ca65f3264cef37dd7e8afeb2820f9a099a8979ffb781c9adc")
}

// UnpackNotVerifiedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotVerified(uint32 index)
func (sessionEscrow *SessionEscrow) UnpackNotVerifiedError(raw []byte) (*SessionEscrowNotVerified, error) {
	out := new(SessionEscrowNotVerified)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "NotVerified", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowNothingDeposited represents a NothingDeposited error raised by the SessionEscrow contract.
type SessionEscrowNothingDeposited struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NothingDeposited()
func SessionEscrowNothingDepositedErrorID() common.Hash {
	return common.HexToHash("0x69b95dc9068b73ded05a3e1e3b394dc555034d0aab99497e4bc8f40d01473ecd")
}

// UnpackNothingDepositedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NothingDeposited()
func (sessionEscrow *SessionEscrow) UnpackNothingDepositedError(raw []byte) (*SessionEscrowNothingDeposited, error) {
	out := new(SessionEscrowNothingDeposited)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "NothingDeposited", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowSequenceTooLow represents a SequenceTooLow error raised by the SessionEscrow contract.
type SessionEscrowSequenceTooLow struct {
	Expected uint64
	Got      uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error SequenceTooLow(uint64 expected, uint64 got)
func SessionEscrowSequenceTooLowErrorID() common.Hash {
	return common.HexToHash("0xdb7c56703f54feccbdccef64c8723cdf0e7275426b5771d23ee26f226685f7e8")
}

// UnpackSequenceTooLowError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error SequenceTooLow(uint64 expected, uint64 got)
func (sessionEscrow *SessionEscrow) UnpackSequenceTooLowError(raw []byte) (*SessionEscrowSequenceTooLow, error) {
	out := new(SessionEscrowSequenceTooLow)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "SequenceTooLow", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowWasRead represents a WasRead error raised by the SessionEscrow contract.
type SessionEscrowWasRead struct {
	Sequence uint64
	Read     uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WasRead(uint64 sequence, uint64 read)
func SessionEscrowWasReadErrorID() common.Hash {
	return common.HexToHash("0x05e0eb7bf8453b52e24f30616c632278eb8489934426aea0a2df51ff29998086")
}

// UnpackWasReadError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WasRead(uint64 sequence, uint64 read)
func (sessionEscrow *SessionEscrow) UnpackWasReadError(raw []byte) (*SessionEscrowWasRead, error) {
	out := new(SessionEscrowWasRead)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "WasRead", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowWasSaid represents a WasSaid error raised by the SessionEscrow contract.
type SessionEscrowWasSaid struct {
	Sequence *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WasSaid(uint256 sequence)
func SessionEscrowWasSaidErrorID() common.Hash {
	return common.HexToHash("0x6f57051758f0892ce782e8df7503f86581ad843444e33592e84507cf1bd5ad8a")
}

// UnpackWasSaidError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WasSaid(uint256 sequence)
func (sessionEscrow *SessionEscrow) UnpackWasSaidError(raw []byte) (*SessionEscrowWasSaid, error) {
	out := new(SessionEscrowWasSaid)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "WasSaid", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowWrongChain represents a WrongChain error raised by the SessionEscrow contract.
type SessionEscrowWrongChain struct {
	Expected [32]byte
	Got      [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongChain(bytes32 expected, bytes32 got)
func SessionEscrowWrongChainErrorID() common.Hash {
	return common.HexToHash("0xe894bab4e90ad4759f46ff1614c5903b2e85e1f1c678e445d94d9574c14a3347")
}

// UnpackWrongChainError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongChain(bytes32 expected, bytes32 got)
func (sessionEscrow *SessionEscrow) UnpackWrongChainError(raw []byte) (*SessionEscrowWrongChain, error) {
	out := new(SessionEscrowWrongChain)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "WrongChain", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowWrongHeader represents a WrongHeader error raised by the SessionEscrow contract.
type SessionEscrowWrongHeader struct {
	Expected [32]byte
	Got      [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongHeader(bytes32 expected, bytes32 got)
func SessionEscrowWrongHeaderErrorID() common.Hash {
	return common.HexToHash("0x340b3b5e27029527e8ecd2308d949fbebfcd5732398de5c4fff730a330bfefd3")
}

// UnpackWrongHeaderError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongHeader(bytes32 expected, bytes32 got)
func (sessionEscrow *SessionEscrow) UnpackWrongHeaderError(raw []byte) (*SessionEscrowWrongHeader, error) {
	out := new(SessionEscrowWrongHeader)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "WrongHeader", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowWrongKey represents a WrongKey error raised by the SessionEscrow contract.
type SessionEscrowWrongKey struct {
	Expected []byte
	Got      []byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongKey(bytes expected, bytes got)
func SessionEscrowWrongKeyErrorID() common.Hash {
	return common.HexToHash("0x4f761816ea8b753d0b0ba2f93367d863ca738c6c73d55ba9f2f1e23e0fcceb2b")
}

// UnpackWrongKeyError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongKey(bytes expected, bytes got)
func (sessionEscrow *SessionEscrow) UnpackWrongKeyError(raw []byte) (*SessionEscrowWrongKey, error) {
	out := new(SessionEscrowWrongKey)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "WrongKey", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowWrongMessage represents a WrongMessage error raised by the SessionEscrow contract.
type SessionEscrowWrongMessage struct {
	Expected [32]byte
	Got      [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongMessage(bytes32 expected, bytes32 got)
func SessionEscrowWrongMessageErrorID() common.Hash {
	return common.HexToHash("0xae4791813f01759252b091cf5d46fd2cb2fac254aa789e17ba3d13f0b5a63125")
}

// UnpackWrongMessageError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongMessage(bytes32 expected, bytes32 got)
func (sessionEscrow *SessionEscrow) UnpackWrongMessageError(raw []byte) (*SessionEscrowWrongMessage, error) {
	out := new(SessionEscrowWrongMessage)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "WrongMessage", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowWrongReader represents a WrongReader error raised by the SessionEscrow contract.
type SessionEscrowWrongReader struct {
	Expected [32]byte
	Got      [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongReader(bytes32 expected, bytes32 got)
func SessionEscrowWrongReaderErrorID() common.Hash {
	return common.HexToHash("0xfb00f72b5b05a6ab5da7b383dd456aa27cdd570746740c5bfa4ff1b50b113f28")
}

// UnpackWrongReaderError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongReader(bytes32 expected, bytes32 got)
func (sessionEscrow *SessionEscrow) UnpackWrongReaderError(raw []byte) (*SessionEscrowWrongReader, error) {
	out := new(SessionEscrowWrongReader)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "WrongReader", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowWrongRoot represents a WrongRoot error raised by the SessionEscrow contract.
type SessionEscrowWrongRoot struct {
	Expected [32]byte
	Got      [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongRoot(bytes32 expected, bytes32 got)
func SessionEscrowWrongRootErrorID() common.Hash {
	return common.HexToHash("0xa864586d2a8349087c0526b31fd228c7c3946fb4fe0a81d106bb2994a2b3c293")
}

// UnpackWrongRootError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongRoot(bytes32 expected, bytes32 got)
func (sessionEscrow *SessionEscrow) UnpackWrongRootError(raw []byte) (*SessionEscrowWrongRoot, error) {
	out := new(SessionEscrowWrongRoot)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "WrongRoot", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowWrongSession represents a WrongSession error raised by the SessionEscrow contract.
type SessionEscrowWrongSession struct {
	Expected [32]byte
	Got      [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongSession(bytes32 expected, bytes32 got)
func SessionEscrowWrongSessionErrorID() common.Hash {
	return common.HexToHash("0xa19643b9f89e8ba3470313999479f55cce6b81884cbaf328f6b60311daa02f39")
}

// UnpackWrongSessionError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongSession(bytes32 expected, bytes32 got)
func (sessionEscrow *SessionEscrow) UnpackWrongSessionError(raw []byte) (*SessionEscrowWrongSession, error) {
	out := new(SessionEscrowWrongSession)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "WrongSession", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionEscrowWrongTranscript represents a WrongTranscript error raised by the SessionEscrow contract.
type SessionEscrowWrongTranscript struct {
	Expected [32]byte
	Got      [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongTranscript(bytes32 expected, bytes32 got)
func SessionEscrowWrongTranscriptErrorID() common.Hash {
	return common.HexToHash("0x986f42b8a560e945803b2d5d25693dd303832a869ab9acc1c8cd948dc3c13186")
}

// UnpackWrongTranscriptError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongTranscript(bytes32 expected, bytes32 got)
func (sessionEscrow *SessionEscrow) UnpackWrongTranscriptError(raw []byte) (*SessionEscrowWrongTranscript, error) {
	out := new(SessionEscrowWrongTranscript)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "WrongTranscript", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionLogMetaData contains all meta data concerning the SessionLog contract.
var SessionLogMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"chain_\",\"type\":\"bytes32\"}],\"stateMutability\":\"nonpayable\",\"type\":\"constructor\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"message\",\"type\":\"bytes32\"}],\"name\":\"AlreadyRecorded\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"Malformed\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NotADelivery\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NotAProof\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint32\",\"name\":\"index\",\"type\":\"uint32\"}],\"name\":\"NotVerified\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongChain\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongMessage\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongRoot\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"message\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"session\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"sender\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"sequence\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"height\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"timestamp\",\"type\":\"uint64\"}],\"name\":\"Recorded\",\"type\":\"event\"},{\"inputs\":[],\"name\":\"chain\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"message\",\"type\":\"bytes32\"}],\"name\":\"entry\",\"outputs\":[{\"components\":[{\"internalType\":\"bytes32\",\"name\":\"session\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"sender\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"sequence\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"height\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"timestamp\",\"type\":\"uint64\"}],\"internalType\":\"structSessionLog.Entry\",\"name\":\"\",\"type\":\"tuple\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint32\",\"name\":\"index\",\"type\":\"uint32\"},{\"internalType\":\"bytes\",\"name\":\"proof\",\"type\":\"bytes\"}],\"name\":\"record\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"message\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"sender\",\"type\":\"bytes32\"}],\"name\":\"saidBy\",\"outputs\":[{\"internalType\":\"bool\",\"name\":\"said\",\"type\":\"bool\"},{\"internalType\":\"uint64\",\"name\":\"timestamp\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"}]",
	ID:  "SessionLog",
	Bin: "0x60a034605d57601f61171238819003918201601f19168301916001600160401b03831184841017606157808492602094604052833981010312605d575160805260405161169c9081610076823960805181818160c80152610bad0152f35b5f80fd5b634e487b7160e01b5f52604160045260245ffdfe6080806040526004361015610012575f80fd5b5f3560e01c9081635a82060c14610c8c5750806380820b3114610bd0578063c763e5a114610b785763fbba73ef14610048575f80fd5b346109285760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126109285760043563ffffffff81168091036109285760243567ffffffffffffffff811161092857366023820112156109285780600401359167ffffffffffffffff8311610928573660248484010111610928577f0000000000000000000000000000000000000000000000000000000000000000906100f0610db9565b506100f9610db9565b91604051917f6f8253500000000000000000000000000000000000000000000000000000000083528060048401525f836024817302000000000000000000000000000000000000055afa8015610899575f935f91610a35575b5015610a0a5750610167825182808214610e21565b604082015190815160d1811490816109f2575b50156109ca57602182015161019191818114610e21565b604181015160c01c835273ffffffffffffffffffffffffffffffffffffffff806020604984015194818701958652606985015160408801526089850151606088015260a985015160c01c608088015260d160b1860151958660a08a0152015160c08801520151169116036109ca5760608201515f525f602052600260405f20015467ffffffffffffffff8116159081156109a5575b506060830151901561097a5750831561096f5783602461024892519401610f97565b949091940361052257610259610e58565b50610262610e58565b9161026d8286610f97565b9192909184811080610957575b15610522576001810180911161054a576102959085896115aa565b926102a08487610ec7565b8211610522576102c66102be6102b68487610ed4565b86898d610e82565b939095610ed4565b8681108061093f575b15610522576001810180911161054a576102ea90878b6115aa565b9490956102f78689610ec7565b87116105225761031e6103168c888b6103108c83610ed4565b92610e82565b989097610ed4565b9583151580610935575b8061092c575b156105225760068811806108d4575b156105225787600610806108bf575b156105225761035d600789836115aa565b98909161036a8a83610ec7565b83116105225761038361038b918b846103108783610ed4565b93909a610ed4565b036105225761039a8189610ff3565b97885115806108b1575b806108a4575b156105225760205f6040518887823780898101838152039060025afa156108995761046b5f918661045a60216001602097875189868c60405198858a968588019c8d378601917fff000000000000000000000000000000000000000000000000000000000000008260f81b1685840152888301370101907f200000000000000000000000000000000000000000000000000000000000000084830152600282015203016001810184520182610d4e565b604051928392839251928391610e00565b8101039060025afa15610899575f5189525f955b88811015610592576030871015610522578b898210828b82610577575b50509050156105225760018101811161054a5760016104bd9101898d6115aa565b966104c8888b610ec7565b8211610522576104fe82898f6104f78f9c8f928f93916104ef9261031061050a9b83610ed4565b949093610ed4565b9b5161106c565b908c5261051057610e9a565b9561047f565b60208b016001821b8151179052610e9a565b7f7c01d2d9000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b6105849250602293610e76565b3560f81c148c90828b61049c565b50955095509591975095916030036030811161054a576105c190600160208401918251811b8093521b90610ed4565b6040820152519080820361086b5750506105d9610d8f565b5067ffffffffffffffff6105ed8584610ee1565b926105f88682610f7d565b956106186106068284610f8a565b916106118185611464565b50936114d4565b50966040519561062787610d16565b86526020860152604085015216606083015267ffffffffffffffff60808301941684526009831492836107e8575b5050816107d9575b6060840151905191156107ab5750505167ffffffffffffffff16905b60408101519160a08201519267ffffffffffffffff6080840151169167ffffffffffffffff60028186511693604051906106b282610d16565b8152602081019788526040810195865260608101948552826080820194169788855260608801515f525f60205260405f2091518255516001820155019351167fffffffffffffffff00000000000000000000000000000000000000000000000077ffffffffffffffff000000000000000000000000000000006fffffffffffffffff00000000000000008654955160401b16935160801b169316171717905560608101517f63d7c1e0344743a55c02371497b2bfaf35b8b5be1547a8f7555046c1b9310a13606060408401519360a08101519567ffffffffffffffff8060808401511692511660405192835260208301526040820152a4005b7fae479181000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b8051606085015114915061065d565b909192501561083e57357fff00000000000000000000000000000000000000000000000000000000000000167f040000000000000000000000000000000000000000000000000000000000000014905f80610655565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b7fa864586d000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b6040513d5f823e3d90fd5b508160608a0151146103aa565b50600160208a0151146103a4565b1561083e57602a600682013560f81c1461034c565b5087600611610928577f08011801200100000000000000000000000000000000000000000000000000007fffffffffffff00000000000000000000000000000000000000000000000000008235161461033d565b5f80fd5b5084151561032e565b5060808410610328565b50601a61094d82898d610e76565b3560f81c146102cf565b50601261096582878b610e76565b3560f81c1461027a565b509150505f90610679565b7f05a64c20000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b67ffffffffffffffff915060801c1615806109c1575b5f610226565b508315156109bb565b7fecb1f7af000000000000000000000000000000000000000000000000000000005f5260045ffd5b90501561083e576001602083015160f81c145f61017a565b7fc4fab876000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b9350503d805f853e610a478185610d4e565b830160408482031261092857835167ffffffffffffffff8111610928578401936060858303126109285760405194610a7e86610d32565b80518652602081015173ffffffffffffffffffffffffffffffffffffffff8116810361092857602087015260408101519067ffffffffffffffff821161092857019180601f840112156109285782519267ffffffffffffffff8411610b4b5760405191610b1360207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f8801160184610d4e565b8483526020858301011161092857602093610b3391858085019101610e00565b6040860152015192831515840361092857925f610152565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b34610928575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126109285760206040517f00000000000000000000000000000000000000000000000000000000000000008152f35b346109285760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261092857610c07610d8f565b506004355f525f60205260a060405f2067ffffffffffffffff60405191610c2d83610d16565b8181549384815281600260018501549460208401958652015493604083019082861682528260806060860195828960401c168752019660801c168652604051978852516020880152511660408601525116606084015251166080820152f35b346109285760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610928576040906004355f525f60205267ffffffffffffffff825f20600281015482811615159182610d06575b508115610cfe5760801c8216905b15158352166020820152f35b505f90610cf2565b6001015460243514915085610ce4565b60a0810190811067ffffffffffffffff821117610b4b57604052565b6060810190811067ffffffffffffffff821117610b4b57604052565b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff821117610b4b57604052565b60405190610d9c82610d16565b5f6080838281528260208201528260408201528260608201520152565b6040519060e0820182811067ffffffffffffffff821117610b4b576040525f60c0838281528260208201528260408201528260608201528260808201528260a08201520152565b5f5b838110610e115750505f910152565b8181015183820152602001610e02565b15610e2a575050565b7fe894bab4000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b60405190610e6582610d32565b5f6040838281528260208201520152565b9082101561083e570190565b90939293848311610928578411610928578101920390565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff811461054a5760010190565b9190820391821161054a57565b9190820180921161054a57565b90610eee600a8284611539565b908015610f7557602003610f4d57602081019182821161054a57610f1193610e82565b90359060208110610f20575090565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9060200360031b1b1690565b7f07b6ad3f000000000000000000000000000000000000000000000000000000005f5260045ffd5b505050505f90565b90610eee60128284611539565b90610eee601a8284611539565b909182151580610fdf575b1561052257610fb3600184846115aa565b929093610fc08482610ec7565b851161052257610fd991846104ef926103108883610ed4565b91929190565b50821561083e57813560f81c600a14610fa2565b9190604051906080820182811067ffffffffffffffff821117610b4b576040525f825260208201915f835260408101925f845260608201925f8452829661103b5f83836115aa565b600182166105225761105e956110579260011c90528383611680565b9352611680565b9252600c8210156105225752565b926002811180611410575b156105225780600210806113fb575b1561052257611097600382856115aa565b9190926110a48383610ec7565b8411610522576110ca6110c26110ba8686610ed4565b858589610e82565b959094610ed4565b906110d58585610ff3565b8051825110806113ea575b806113d8575b1561052257606081611114938893519060208301516040840151604083015260208201525201518186610e82565b918381146112c857838110806112b0575b15610522576001810180911161054a576111409084886115aa565b93909661114d8583610ec7565b88116105225761116661116e9186846103108c83610ed4565b989095610ed4565b036105225760018214918261125c575b505080611252575b80611200575b156105225761045a60206111ed94818781995f99604051978589968688019b8c378601928584015260408301370101878382015203017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08101835282610d4e565b8101039060025afa15610899575f805191565b50831561083e577f20000000000000000000000000000000000000000000000000000000000000007fff000000000000000000000000000000000000000000000000000000000000008235161461118c565b5060218414611186565b9091501561083e57357fff00000000000000000000000000000000000000000000000000000000000000167f2000000000000000000000000000000000000000000000000000000000000000145f8061117e565b50601a6112be82868a610e76565b3560f81c14611125565b50915091949350602282149182611384575b8261132a575b505015610522576020925f9261045a858061131595604051948186928484019889378201908382015203018084520182610d4e565b8101039060025afa15610899575f5190600190565b9091506021101561083e57602101357fff00000000000000000000000000000000000000000000000000000000000000167f2000000000000000000000000000000000000000000000000000000000000000145f806112e0565b8092501561083e577f20000000000000000000000000000000000000000000000000000000000000007fff0000000000000000000000000000000000000000000000000000000000000082351614916112da565b506040810151604083015111156110e6565b5060208101516020830151106110e0565b1561083e576012600284013560f81c14611086565b5080600211610928577f08010000000000000000000000000000000000000000000000000000000000007fffff00000000000000000000000000000000000000000000000000000000000084351614611077565b5f5b828110611476575050505f905f90565b611481818484610e76565b3560f81c906001810180911161054a5761149c9084846115aa565b918282602083146114c95750506007166002146114ba575b50611466565b6114c391610ed4565b5f6114b4565b969095509350505050565b5f5b8281106114e6575050505f905f90565b6114f1818484610e76565b3560f81c906001810180911161054a5761150c9084846115aa565b918282602883146114c957505060071660021461152a575b506114d6565b61153391610ed4565b5f611524565b5f5b82811061154c57505050505f905f90565b611557818484610e76565b3560f81c906001810180911161054a576115729084846115aa565b91828287831461159e57505060071660021461158f575b5061153b565b61159891610ed4565b5f611589565b97909650945050505050565b9192905f905f5b604081106115e1577f07b6ad3f000000000000000000000000000000000000000000000000000000005f5260045ffd5b81861015610f4d576115fd6115f587610e9a565b968387610e76565b3560f81c92607f8416821b17926080811061164c575060078101809111156115b1577f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b9150919293501590811591611677575b508061166c575b15610f4d579190565b508060401c15611663565b9050155f61165c565b9061168b92916115aa565b9190600181166105225760011c919056",
}

// SessionLog is an auto generated Go binding around an Ethereum contract.
type SessionLog struct {
	abi abi.ABI
}

// NewSessionLog creates a new instance of SessionLog.
func NewSessionLog() *SessionLog {
	parsed, err := SessionLogMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &SessionLog{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *SessionLog) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackConstructor is the Go binding used to pack the parameters required for
// contract deployment.
//
// Solidity: constructor(bytes32 chain_) returns()
func (sessionLog *SessionLog) PackConstructor(chain_ [32]byte) []byte {
	enc, err := sessionLog.abi.Pack("", chain_)
	if err != nil {
		panic(err)
	}
	return enc
}

// PackChain is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc763e5a1.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function chain() view returns(bytes32)
func (sessionLog *SessionLog) PackChain() []byte {
	enc, err := sessionLog.abi.Pack("chain")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackChain is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc763e5a1.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function chain() view returns(bytes32)
func (sessionLog *SessionLog) TryPackChain() ([]byte, error) {
	return sessionLog.abi.Pack("chain")
}

// UnpackChain is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xc763e5a1.
//
// Solidity: function chain() view returns(bytes32)
func (sessionLog *SessionLog) UnpackChain(data []byte) ([32]byte, error) {
	out, err := sessionLog.abi.Unpack("chain", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackEntry is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x80820b31.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function entry(bytes32 message) view returns((bytes32,bytes32,uint64,uint64,uint64))
func (sessionLog *SessionLog) PackEntry(message [32]byte) []byte {
	enc, err := sessionLog.abi.Pack("entry", message)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackEntry is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x80820b31.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function entry(bytes32 message) view returns((bytes32,bytes32,uint64,uint64,uint64))
func (sessionLog *SessionLog) TryPackEntry(message [32]byte) ([]byte, error) {
	return sessionLog.abi.Pack("entry", message)
}

// UnpackEntry is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x80820b31.
//
// Solidity: function entry(bytes32 message) view returns((bytes32,bytes32,uint64,uint64,uint64))
func (sessionLog *SessionLog) UnpackEntry(data []byte) (SessionLogEntry, error) {
	out, err := sessionLog.abi.Unpack("entry", data)
	if err != nil {
		return *new(SessionLogEntry), err
	}
	out0 := *abi.ConvertType(out[0], new(SessionLogEntry)).(*SessionLogEntry)
	return out0, nil
}

// PackRecord is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfbba73ef.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function record(uint32 index, bytes proof) returns()
func (sessionLog *SessionLog) PackRecord(index uint32, proof []byte) []byte {
	enc, err := sessionLog.abi.Pack("record", index, proof)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRecord is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfbba73ef.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function record(uint32 index, bytes proof) returns()
func (sessionLog *SessionLog) TryPackRecord(index uint32, proof []byte) ([]byte, error) {
	return sessionLog.abi.Pack("record", index, proof)
}

// PackSaidBy is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x5a82060c.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function saidBy(bytes32 message, bytes32 sender) view returns(bool said, uint64 timestamp)
func (sessionLog *SessionLog) PackSaidBy(message [32]byte, sender [32]byte) []byte {
	enc, err := sessionLog.abi.Pack("saidBy", message, sender)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSaidBy is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x5a82060c.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function saidBy(bytes32 message, bytes32 sender) view returns(bool said, uint64 timestamp)
func (sessionLog *SessionLog) TryPackSaidBy(message [32]byte, sender [32]byte) ([]byte, error) {
	return sessionLog.abi.Pack("saidBy", message, sender)
}

// SaidByOutput serves as a container for the return parameters of contract
// method SaidBy.
type SaidByOutput struct {
	Said      bool
	Timestamp uint64
}

// UnpackSaidBy is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x5a82060c.
//
// Solidity: function saidBy(bytes32 message, bytes32 sender) view returns(bool said, uint64 timestamp)
func (sessionLog *SessionLog) UnpackSaidBy(data []byte) (SaidByOutput, error) {
	out, err := sessionLog.abi.Unpack("saidBy", data)
	outstruct := new(SaidByOutput)
	if err != nil {
		return *outstruct, err
	}
	outstruct.Said = *abi.ConvertType(out[0], new(bool)).(*bool)
	outstruct.Timestamp = *abi.ConvertType(out[1], new(uint64)).(*uint64)
	return *outstruct, nil
}

// SessionLogRecorded represents a Recorded event raised by the SessionLog contract.
type SessionLogRecorded struct {
	Message   [32]byte
	Session   [32]byte
	Sender    [32]byte
	Sequence  uint64
	Height    uint64
	Timestamp uint64
	Raw       *types.Log // Blockchain specific contextual infos
}

const SessionLogRecordedEventName = "Recorded"

// ContractEventName returns the user-defined event name.
func (SessionLogRecorded) ContractEventName() string {
	return SessionLogRecordedEventName
}

// UnpackRecordedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Recorded(bytes32 indexed message, bytes32 indexed session, bytes32 indexed sender, uint64 sequence, uint64 height, uint64 timestamp)
func (sessionLog *SessionLog) UnpackRecordedEvent(log *types.Log) (*SessionLogRecorded, error) {
	event := "Recorded"
	if len(log.Topics) == 0 || log.Topics[0] != sessionLog.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(SessionLogRecorded)
	if len(log.Data) > 0 {
		if err := sessionLog.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range sessionLog.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (sessionLog *SessionLog) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], sessionLog.abi.Errors["AlreadyRecorded"].ID.Bytes()[:4]) {
		return sessionLog.UnpackAlreadyRecordedError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionLog.abi.Errors["Malformed"].ID.Bytes()[:4]) {
		return sessionLog.UnpackMalformedError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionLog.abi.Errors["NotADelivery"].ID.Bytes()[:4]) {
		return sessionLog.UnpackNotADeliveryError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionLog.abi.Errors["NotAProof"].ID.Bytes()[:4]) {
		return sessionLog.UnpackNotAProofError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionLog.abi.Errors["NotVerified"].ID.Bytes()[:4]) {
		return sessionLog.UnpackNotVerifiedError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionLog.abi.Errors["WrongChain"].ID.Bytes()[:4]) {
		return sessionLog.UnpackWrongChainError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionLog.abi.Errors["WrongMessage"].ID.Bytes()[:4]) {
		return sessionLog.UnpackWrongMessageError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionLog.abi.Errors["WrongRoot"].ID.Bytes()[:4]) {
		return sessionLog.UnpackWrongRootError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// SessionLogAlreadyRecorded represents a AlreadyRecorded error raised by the SessionLog contract.
type SessionLogAlreadyRecorded struct {
	Message [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error AlreadyRecorded(bytes32 message)
func SessionLogAlreadyRecordedErrorID() common.Hash {
	return common.HexToHash("0x05a64c20147ef9b2274d22b104aaa7e40ca4a2d678dc3fffd84e3245f57b05b9")
}

// UnpackAlreadyRecordedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error AlreadyRecorded(bytes32 message)
func (sessionLog *SessionLog) UnpackAlreadyRecordedError(raw []byte) (*SessionLogAlreadyRecorded, error) {
	out := new(SessionLogAlreadyRecorded)
	if err := sessionLog.abi.UnpackIntoInterface(out, "AlreadyRecorded", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionLogMalformed represents a Malformed error raised by the SessionLog contract.
type SessionLogMalformed struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error Malformed()
func SessionLogMalformedErrorID() common.Hash {
	return common.HexToHash("0x07b6ad3ff7dbc4002539ae21306d8899743aedf933b34101681c6906979f10a5")
}

// UnpackMalformedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error Malformed()
func (sessionLog *SessionLog) UnpackMalformedError(raw []byte) (*SessionLogMalformed, error) {
	out := new(SessionLogMalformed)
	if err := sessionLog.abi.UnpackIntoInterface(out, "Malformed", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionLogNotADelivery represents a NotADelivery error raised by the SessionLog contract.
type SessionLogNotADelivery struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotADelivery()
func SessionLogNotADeliveryErrorID() common.Hash {
	return common.HexToHash("0xecb1f7afcabf90138e39817d1b8ba40c97bfcacd5fd9380b892073e1a5d59396")
}

// UnpackNotADeliveryError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotADelivery()
func (sessionLog *SessionLog) UnpackNotADeliveryError(raw []byte) (*SessionLogNotADelivery, error) {
	out := new(SessionLogNotADelivery)
	if err := sessionLog.abi.UnpackIntoInterface(out, "NotADelivery", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionLogNotAProof represents a NotAProof error raised by the SessionLog contract.
type SessionLogNotAProof struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotAProof()
func SessionLogNotAProofErrorID() common.Hash {
	return common.HexToHash("0x7c01d2d99870c97d87263e8efad5f2f068a94c9f460eb0873a334e089e845598")
}

// UnpackNotAProofError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotAProof()
func (sessionLog *SessionLog) UnpackNotAProofError(raw []byte) (*SessionLogNotAProof, error) {
	out := new(SessionLogNotAProof)
	if err := sessionLog.abi.UnpackIntoInterface(out, "NotAProof", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionLogNotVerified represents a NotVerified error raised by the SessionLog contract.
type SessionLogNotVerified struct {
	Index uint32
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotVerified(uint32 index)
func SessionLogNotVerifiedErrorID() common.Hash {
	return common.HexToHash("0xc4fab87667bea64ca65f3264cef37dd7e8afeb2820f9a099a8979ffb781c9adc")
}

// UnpackNotVerifiedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotVerified(uint32 index)
func (sessionLog *SessionLog) UnpackNotVerifiedError(raw []byte) (*SessionLogNotVerified, error) {
	out := new(SessionLogNotVerified)
	if err := sessionLog.abi.UnpackIntoInterface(out, "NotVerified", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionLogWrongChain represents a WrongChain error raised by the SessionLog contract.
type SessionLogWrongChain struct {
	Expected [32]byte
	Got      [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongChain(bytes32 expected, bytes32 got)
func SessionLogWrongChainErrorID() common.Hash {
	return common.HexToHash("0xe894bab4e90ad4759f46ff1614c5903b2e85e1f1c678e445d94d9574c14a3347")
}

// UnpackWrongChainError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongChain(bytes32 expected, bytes32 got)
func (sessionLog *SessionLog) UnpackWrongChainError(raw []byte) (*SessionLogWrongChain, error) {
	out := new(SessionLogWrongChain)
	if err := sessionLog.abi.UnpackIntoInterface(out, "WrongChain", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionLogWrongMessage represents a WrongMessage error raised by the SessionLog contract.
type SessionLogWrongMessage struct {
	Expected [32]byte
	Got      [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongMessage(bytes32 expected, bytes32 got)
func SessionLogWrongMessageErrorID() common.Hash {
	return common.HexToHash("0xae4791813f01759252b091cf5d46fd2cb2fac254aa789e17ba3d13f0b5a63125")
}

// UnpackWrongMessageError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongMessage(bytes32 expected, bytes32 got)
func (sessionLog *SessionLog) UnpackWrongMessageError(raw []byte) (*SessionLogWrongMessage, error) {
	out := new(SessionLogWrongMessage)
	if err := sessionLog.abi.UnpackIntoInterface(out, "WrongMessage", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionLogWrongRoot represents a WrongRoot error raised by the SessionLog contract.
type SessionLogWrongRoot struct {
	Expected [32]byte
	Got      [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongRoot(bytes32 expected, bytes32 got)
func SessionLogWrongRootErrorID() common.Hash {
	return common.HexToHash("0xa864586d2a8349087c0526b31fd228c7c3946fb4fe0a81d106bb2994a2b3c293")
}

// UnpackWrongRootError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongRoot(bytes32 expected, bytes32 got)
func (sessionLog *SessionLog) UnpackWrongRootError(raw []byte) (*SessionLogWrongRoot, error) {
	out := new(SessionLogWrongRoot)
	if err := sessionLog.abi.UnpackIntoInterface(out, "WrongRoot", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionSenderMetaData contains all meta data concerning the SessionSender contract.
var SessionSenderMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"chain_\",\"type\":\"bytes32\"},{\"internalType\":\"bytes1\",\"name\":\"prefix_\",\"type\":\"bytes1\"},{\"internalType\":\"uint64\",\"name\":\"window_\",\"type\":\"uint64\"}],\"stateMutability\":\"nonpayable\",\"type\":\"constructor\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"BadParticipant\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"expected\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"got\",\"type\":\"uint256\"}],\"name\":\"KeySize\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NoCiphertext\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NoDeadline\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NoSequence\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NoSession\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NoTranscript\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"owner\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"got\",\"type\":\"address\"}],\"name\":\"NotOwner\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"most\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"got\",\"type\":\"uint256\"}],\"name\":\"TooLong\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"most\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"got\",\"type\":\"uint256\"}],\"name\":\"TooManyParticipants\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"session\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"sequence\",\"type\":\"uint64\"}],\"name\":\"Acknowledged\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"session\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"message\",\"type\":\"bytes32\"}],\"name\":\"MessageSent\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"transaction\",\"type\":\"bytes32\"}],\"name\":\"Registered\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"session\",\"type\":\"bytes32\"}],\"name\":\"SessionMade\",\"type\":\"event\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"session\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"sequence\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"transcript\",\"type\":\"bytes32\"}],\"name\":\"acknowledge\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"chain\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32[]\",\"name\":\"others\",\"type\":\"bytes32[]\"}],\"name\":\"create\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"session\",\"type\":\"bytes32\"}],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"made\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"owner\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"participant\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"prefix\",\"outputs\":[{\"internalType\":\"bytes1\",\"name\":\"\",\"type\":\"bytes1\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"session\",\"type\":\"bytes32\"},{\"internalType\":\"bytes\",\"name\":\"ciphertext\",\"type\":\"bytes\"}],\"name\":\"send\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"message\",\"type\":\"bytes32\"}],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"window\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"}]",
	ID:  "SessionSender",
	Bin: "0x61012080604052346101fe576060816115188038038091610020828561020a565b8339810103126101fe578051602082015190917fff00000000000000000000000000000000000000000000000000000000000000821682036101fe57604001516001600160401b03811681036101fe5760e05260c05260805260405163084279ef60e31b81526020816004817302000000000000000000000000000000000000055afa80156101b7575f906101d3575b60209150604051907f73657373696f6e766d2f636f6e74726163742f763100000000000000000000008383015260368201523060601b6056820152604a81526100fa606a8261020a565b6040518151915f5b8381106101c2575050805f928101838152039060025afa156101b7575f5160a05233610100526040516112d6908161024282396080518181816096015281816104cf01528181610b620152818161108a0152611208015260a0518181816101e101528181610a1f01528181610d610152610ed7015260c0518181816107570152610925015260e05181818161036e0152610e9e01526101005181818160e901528181610168015281816109a10152610c820152f35b6040513d5f823e3d90fd5b818101850151838201528401610102565b506020813d602011610202575b816101ed6020938361020a565b810103126101fe57602090516100b0565b5f80fd5b3d91506101e0565b601f909101601f19168101906001600160401b0382119082101761022d57604052565b634e487b7160e01b5f52604160045260245ffdfe6080806040526004361015610012575f80fd5b5f3560e01c90816337a6d42b14610ec257508063461645bf14610e7e57806349f92f2e14610e585780634f519e0014610c505780634fdf70851461094957806375dadb32146108ed578063789f21b41461010d5780638da5cb5b146100bd5763c763e5a11461007f575f80fd5b346100b9575f6003193601126100b95760206040517f00000000000000000000000000000000000000000000000000000000000000008152f35b5f80fd5b346100b9575f6003193601126100b957602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b346100b95760206003193601126100b95760043567ffffffffffffffff81116100b957366023820112156100b957806004013567ffffffffffffffff81116100b9578060051b91602483820101913683116100b9576101a5337f000000000000000000000000000000000000000000000000000000000000000073ffffffffffffffffffffffffffffffffffffffff81168214610efa565b6101b56020604051950185610f4b565b8352602401602083015b8282106108dd57838051600181019081811161081d5761010011156108ac57507f0000000000000000000000000000000000000000000000000000000000000000908051918260220292602284040361081d5761023461021e84610f9b565b9361022c6040519586610f4b565b808552610f9b565b92601f196020820194013685375f5b83518110156102c0576102568185611262565b5180151581816102b5575b61026a916112a3565b5f5b82811061029557509060019160228281028501600a602082015360206021820153015201610243565b806102af836102a66001948a611262565b518114156112a3565b0161026c565b808614159150610261565b5091506040928351916102d38584610f4b565b600b835260208301907f1a090a046532656512013200000000000000000000000000000000000000000082525f549067ffffffffffffffff82169167ffffffffffffffff831461081d5767ffffffffffffffff60017fffffffffffffffffffffffffffffffffffffffffffffffff000000000000000094011692839116175f556060915f905b6008821061084a57505067ffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000016420180421161081d576103e88102908082046103e8149015171561081d576103b59061101b565b92875195869560208701987f0a200000000000000000000000000000000000000000000000000000000000008a52846022890152519081604289016103f992610fb7565b8601905191826042830161040c92610fb7565b01604201907f222000000000000000000000000000000000000000000000000000000000000082526002820152602281017f310000000000000000000000000000000000000000000000000000000000000090528151918260238301916020019161047692610fb7565b01602381017f38000000000000000000000000000000000000000000000000000000000000009052815191826024830191602001916104b492610fb7565b0160230103600101601f19810182526104cd9082610f4b565b7f00000000000000000000000000000000000000000000000000000000000000009181516104fa9061101b565b91845191829160208301948686528784017f120000000000000000000000000000000000000000000000000000000000000090528051908160418601916020019161054492610fb7565b8301905191826041830161055792610fb7565b0160410103601f198101825261056d9082610f4b565b8051615f8081116107ec5750835160206106166044828401937f040000000000000000000000000000000000000000000000000000000000000085526105cf60218288516105be818484018d610fb7565b81010301601f198101835282610f4b565b601f19601f8a5196879586947fee5b48eb00000000000000000000000000000000000000000000000000000000865288600487015251809281602488015287870190610fb7565b011681010301815f7302000000000000000000000000000000000000055af180156107e2576107b7575b506106985f91602093610688603c885180936105be898301967f73657373696f6e766d2f6372656174652d73657373696f6e2f76310000000000885251809285850190610fb7565b8651928392839251928391610fb7565b8101039060025afa156107ad575f6107016020928251855190858201927f73657373696f6e766d2f73657373696f6e2f7631000000000000000000000000845260358301526055820152605581526106f1607582610f4b565b8551928392839251928391610fb7565b8101039060025afa156107a4576020907effffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff5f51167fff000000000000000000000000000000000000000000000000000000000000007f00000000000000000000000000000000000000000000000000000000000000001617905190807f9e7e2d75773413f866f83e8388192a9541088c1e70e8cb975f02407e7ce708175f80a28152f35b513d5f823e3d90fd5b50513d5f823e3d90fd5b602090813d83116107db575b6107cd8183610f4b565b810103126100b95784610640565b503d6107c3565b85513d5f823e3d90fd5b7fad8e4f3c000000000000000000000000000000000000000000000000000000005f52615f8060045260245260445ffd5b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b90927f1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff8416840361081d576108966108a46001928b5192839160ff878a60031b1c169060208401610fd8565b03601f198101835282610f4b565b930190610359565b7fe3185778000000000000000000000000000000000000000000000000000000005f5261010060045260245260445ffd5b81358152602091820191016101bf565b346100b9575f6003193601126100b95760206040517fff000000000000000000000000000000000000000000000000000000000000007f0000000000000000000000000000000000000000000000000000000000000000168152f35b346100b95760406003193601126100b95760043560243567ffffffffffffffff81116100b957366023820112156100b95780600401359067ffffffffffffffff82116100b95736602483830101116100b9576109de337f000000000000000000000000000000000000000000000000000000000000000073ffffffffffffffffffffffffffffffffffffffff81168214610efa565b5f60206109ea84610f9b565b936109f86040519586610f4b565b80855280602483870195018537840101528215610c2857815115610c00575f610b1f6020927f000000000000000000000000000000000000000000000000000000000000000094610b0d6065610b08610a51845161101b565b6040519283917f0a200000000000000000000000000000000000000000000000000000000000008b8401528c60228401527f122000000000000000000000000000000000000000000000000000000000000060428401528b60448401527f1a000000000000000000000000000000000000000000000000000000000000006064840152610ae6815180928d8587019101610fb7565b8201865190610af8828483018b610fb7565b010103601f198101835282610f4b565b6111ea565b50604051928392839251928391610fb7565b8101039060025afa15610bf5575f610bb6602092825160405190858201927f73657373696f6e766d2f6d6573736167652f763100000000000000000000000084527f000000000000000000000000000000000000000000000000000000000000000060358401528760558401526075830152609582015260958152610ba560b582610f4b565b604051928392839251928391610fb7565b8101039060025afa15610bf5576020905f5180604051927f9102b9031c3c59d8320bf14d84d7d7a3434366b91032fad1c87579cfc62b23725f80a38152f35b6040513d5f823e3d90fd5b7ffd4e7b17000000000000000000000000000000000000000000000000000000005f5260045ffd5b7faabbee68000000000000000000000000000000000000000000000000000000005f5260045ffd5b346100b95760606003193601126100b95760043560243567ffffffffffffffff81168091036100b957604435610cbf337f000000000000000000000000000000000000000000000000000000000000000073ffffffffffffffffffffffffffffffffffffffff81168214610efa565b8215610c28578115610e30578015610e085781610dfe602092610df960226065610d097fcefb12a637697d2fa869ee320faca79f35778679691daa19cc96b821abfefe909861101b565b6040519485917f0a200000000000000000000000000000000000000000000000000000000000008a8401528b858401527f122000000000000000000000000000000000000000000000000000000000000060428401527f000000000000000000000000000000000000000000000000000000000000000060448401527f18000000000000000000000000000000000000000000000000000000000000006064840152610dbd815180928c8787019101610fb7565b8201907f222000000000000000000000000000000000000000000000000000000000000084830152606782015203016002810184520182610f4b565b61106c565b50604051908152a2005b7f8fb40b2b000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f603e4c2d000000000000000000000000000000000000000000000000000000005f5260045ffd5b346100b9575f6003193601126100b957602067ffffffffffffffff5f5416604051908152f35b346100b9575f6003193601126100b957602060405167ffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b346100b9575f6003193601126100b9576020907f00000000000000000000000000000000000000000000000000000000000000008152f35b15610f03575050565b9073ffffffffffffffffffffffffffffffffffffffff80927f23295f0e000000000000000000000000000000000000000000000000000000005f52166004521660245260445ffd5b90601f601f19910116810190811067ffffffffffffffff821117610f6e57604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b67ffffffffffffffff8111610f6e57601f01601f191660200190565b5f5b838110610fc85750505f910152565b8181015183820152602001610fb9565b60207fff000000000000000000000000000000000000000000000000000000000000009161100f6001959482815194859201610fb7565b019160f81b1681520190565b60605b607f82116110445760ff9161089661104192604051948593169060208401610fd8565b90565b61106261089691604051928391608060ff8716179060208401610fd8565b9060071c9061101e565b9060416110f961107c845161101b565b9360405192839160208301967f000000000000000000000000000000000000000000000000000000000000000088527f220000000000000000000000000000000000000000000000000000000000000060408501526110e48151809260208688019101610fb7565b8301610af88251809360208685019101610fb7565b80928151615f8081116107ec5750611197604460209261114f602160405180936105be888301997f04000000000000000000000000000000000000000000000000000000000000008b5251809285850190610fb7565b601f19601f60405196879586947fee5b48eb00000000000000000000000000000000000000000000000000000000865288600487015251809281602488015287870190610fb7565b011681010301815f7302000000000000000000000000000000000000055af18015610bf5576111c35750565b602090813d83116111e3575b6111d98183610f4b565b810103126100b957565b503d6111cf565b9060416110f96111fa845161101b565b9360405192839160208301967f000000000000000000000000000000000000000000000000000000000000000088527f1a0000000000000000000000000000000000000000000000000000000000000060408501526110e48151809260208688019101610fb7565b80518210156112765760209160051b010190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b156112ab5750565b7faec7d12d000000000000000000000000000000000000000000000000000000005f5260045260245ffd",
}

// SessionSender is an auto generated Go binding around an Ethereum contract.
type SessionSender struct {
	abi abi.ABI
}

// NewSessionSender creates a new instance of SessionSender.
func NewSessionSender() *SessionSender {
	parsed, err := SessionSenderMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &SessionSender{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *SessionSender) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackConstructor is the Go binding used to pack the parameters required for
// contract deployment.
//
// Solidity: constructor(bytes32 chain_, bytes1 prefix_, uint64 window_) returns()
func (sessionSender *SessionSender) PackConstructor(chain_ [32]byte, prefix_ [1]byte, window_ uint64) []byte {
	enc, err := sessionSender.abi.Pack("", chain_, prefix_, window_)
	if err != nil {
		panic(err)
	}
	return enc
}

// PackAcknowledge is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4f519e00.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function acknowledge(bytes32 session, uint64 sequence, bytes32 transcript) returns()
func (sessionSender *SessionSender) PackAcknowledge(session [32]byte, sequence uint64, transcript [32]byte) []byte {
	enc, err := sessionSender.abi.Pack("acknowledge", session, sequence, transcript)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackAcknowledge is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4f519e00.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function acknowledge(bytes32 session, uint64 sequence, bytes32 transcript) returns()
func (sessionSender *SessionSender) TryPackAcknowledge(session [32]byte, sequence uint64, transcript [32]byte) ([]byte, error) {
	return sessionSender.abi.Pack("acknowledge", session, sequence, transcript)
}

// PackChain is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc763e5a1.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function chain() view returns(bytes32)
func (sessionSender *SessionSender) PackChain() []byte {
	enc, err := sessionSender.abi.Pack("chain")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackChain is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc763e5a1.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function chain() view returns(bytes32)
func (sessionSender *SessionSender) TryPackChain() ([]byte, error) {
	return sessionSender.abi.Pack("chain")
}

// UnpackChain is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xc763e5a1.
//
// Solidity: function chain() view returns(bytes32)
func (sessionSender *SessionSender) UnpackChain(data []byte) ([32]byte, error) {
	out, err := sessionSender.abi.Unpack("chain", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackCreate is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x789f21b4.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function create(bytes32[] others) returns(bytes32 session)
func (sessionSender *SessionSender) PackCreate(others [][32]byte) []byte {
	enc, err := sessionSender.abi.Pack("create", others)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackCreate is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x789f21b4.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function create(bytes32[] others) returns(bytes32 session)
func (sessionSender *SessionSender) TryPackCreate(others [][32]byte) ([]byte, error) {
	return sessionSender.abi.Pack("create", others)
}

// UnpackCreate is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x789f21b4.
//
// Solidity: function create(bytes32[] others) returns(bytes32 session)
func (sessionSender *SessionSender) UnpackCreate(data []byte) ([32]byte, error) {
	out, err := sessionSender.abi.Unpack("create", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackMade is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x49f92f2e.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function made() view returns(uint64)
func (sessionSender *SessionSender) PackMade() []byte {
	enc, err := sessionSender.abi.Pack("made")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackMade is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x49f92f2e.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function made() view returns(uint64)
func (sessionSender *SessionSender) TryPackMade() ([]byte, error) {
	return sessionSender.abi.Pack("made")
}

// UnpackMade is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x49f92f2e.
//
// Solidity: function made() view returns(uint64)
func (sessionSender *SessionSender) UnpackMade(data []byte) (uint64, error) {
	out, err := sessionSender.abi.Unpack("made", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackOwner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8da5cb5b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function owner() view returns(address)
func (sessionSender *SessionSender) PackOwner() []byte {
	enc, err := sessionSender.abi.Pack("owner")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackOwner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8da5cb5b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function owner() view returns(address)
func (sessionSender *SessionSender) TryPackOwner() ([]byte, error) {
	return sessionSender.abi.Pack("owner")
}

// UnpackOwner is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x8da5cb5b.
//
// Solidity: function owner() view returns(address)
func (sessionSender *SessionSender) UnpackOwner(data []byte) (common.Address, error) {
	out, err := sessionSender.abi.Unpack("owner", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackParticipant is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x37a6d42b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function participant() view returns(bytes32)
func (sessionSender *SessionSender) PackParticipant() []byte {
	enc, err := sessionSender.abi.Pack("participant")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackParticipant is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x37a6d42b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function participant() view returns(bytes32)
func (sessionSender *SessionSender) TryPackParticipant() ([]byte, error) {
	return sessionSender.abi.Pack("participant")
}

// UnpackParticipant is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x37a6d42b.
//
// Solidity: function participant() view returns(bytes32)
func (sessionSender *SessionSender) UnpackParticipant(data []byte) ([32]byte, error) {
	out, err := sessionSender.abi.Unpack("participant", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackPrefix is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x75dadb32.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function prefix() view returns(bytes1)
func (sessionSender *SessionSender) PackPrefix() []byte {
	enc, err := sessionSender.abi.Pack("prefix")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPrefix is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x75dadb32.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function prefix() view returns(bytes1)
func (sessionSender *SessionSender) TryPackPrefix() ([]byte, error) {
	return sessionSender.abi.Pack("prefix")
}

// UnpackPrefix is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x75dadb32.
//
// Solidity: function prefix() view returns(bytes1)
func (sessionSender *SessionSender) UnpackPrefix(data []byte) ([1]byte, error) {
	out, err := sessionSender.abi.Unpack("prefix", data)
	if err != nil {
		return *new([1]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([1]byte)).(*[1]byte)
	return out0, nil
}

// PackSend is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4fdf7085.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function send(bytes32 session, bytes ciphertext) returns(bytes32 message)
func (sessionSender *SessionSender) PackSend(session [32]byte, ciphertext []byte) []byte {
	enc, err := sessionSender.abi.Pack("send", session, ciphertext)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSend is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4fdf7085.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function send(bytes32 session, bytes ciphertext) returns(bytes32 message)
func (sessionSender *SessionSender) TryPackSend(session [32]byte, ciphertext []byte) ([]byte, error) {
	return sessionSender.abi.Pack("send", session, ciphertext)
}

// UnpackSend is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x4fdf7085.
//
// Solidity: function send(bytes32 session, bytes ciphertext) returns(bytes32 message)
func (sessionSender *SessionSender) UnpackSend(data []byte) ([32]byte, error) {
	out, err := sessionSender.abi.Unpack("send", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackWindow is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x461645bf.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function window() view returns(uint64)
func (sessionSender *SessionSender) PackWindow() []byte {
	enc, err := sessionSender.abi.Pack("window")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackWindow is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x461645bf.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function window() view returns(uint64)
func (sessionSender *SessionSender) TryPackWindow() ([]byte, error) {
	return sessionSender.abi.Pack("window")
}

// UnpackWindow is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x461645bf.
//
// Solidity: function window() view returns(uint64)
func (sessionSender *SessionSender) UnpackWindow(data []byte) (uint64, error) {
	out, err := sessionSender.abi.Unpack("window", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// SessionSenderAcknowledged represents a Acknowledged event raised by the SessionSender contract.
type SessionSenderAcknowledged struct {
	Session  [32]byte
	Sequence uint64
	Raw      *types.Log // Blockchain specific contextual infos
}

const SessionSenderAcknowledgedEventName = "Acknowledged"

// ContractEventName returns the user-defined event name.
func (SessionSenderAcknowledged) ContractEventName() string {
	return SessionSenderAcknowledgedEventName
}

// UnpackAcknowledgedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Acknowledged(bytes32 indexed session, uint64 sequence)
func (sessionSender *SessionSender) UnpackAcknowledgedEvent(log *types.Log) (*SessionSenderAcknowledged, error) {
	event := "Acknowledged"
	if len(log.Topics) == 0 || log.Topics[0] != sessionSender.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(SessionSenderAcknowledged)
	if len(log.Data) > 0 {
		if err := sessionSender.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range sessionSender.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// SessionSenderMessageSent represents a MessageSent event raised by the SessionSender contract.
type SessionSenderMessageSent struct {
	Session [32]byte
	Message [32]byte
	Raw     *types.Log // Blockchain specific contextual infos
}

const SessionSenderMessageSentEventName = "MessageSent"

// ContractEventName returns the user-defined event name.
func (SessionSenderMessageSent) ContractEventName() string {
	return SessionSenderMessageSentEventName
}

// UnpackMessageSentEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event MessageSent(bytes32 indexed session, bytes32 indexed message)
func (sessionSender *SessionSender) UnpackMessageSentEvent(log *types.Log) (*SessionSenderMessageSent, error) {
	event := "MessageSent"
	if len(log.Topics) == 0 || log.Topics[0] != sessionSender.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(SessionSenderMessageSent)
	if len(log.Data) > 0 {
		if err := sessionSender.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range sessionSender.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// SessionSenderRegistered represents a Registered event raised by the SessionSender contract.
type SessionSenderRegistered struct {
	Transaction [32]byte
	Raw         *types.Log // Blockchain specific contextual infos
}

const SessionSenderRegisteredEventName = "Registered"

// ContractEventName returns the user-defined event name.
func (SessionSenderRegistered) ContractEventName() string {
	return SessionSenderRegisteredEventName
}

// UnpackRegisteredEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Registered(bytes32 indexed transaction)
func (sessionSender *SessionSender) UnpackRegisteredEvent(log *types.Log) (*SessionSenderRegistered, error) {
	event := "Registered"
	if len(log.Topics) == 0 || log.Topics[0] != sessionSender.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(SessionSenderRegistered)
	if len(log.Data) > 0 {
		if err := sessionSender.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range sessionSender.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// SessionSenderSessionMade represents a SessionMade event raised by the SessionSender contract.
type SessionSenderSessionMade struct {
	Session [32]byte
	Raw     *types.Log // Blockchain specific contextual infos
}

const SessionSenderSessionMadeEventName = "SessionMade"

// ContractEventName returns the user-defined event name.
func (SessionSenderSessionMade) ContractEventName() string {
	return SessionSenderSessionMadeEventName
}

// UnpackSessionMadeEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event SessionMade(bytes32 indexed session)
func (sessionSender *SessionSender) UnpackSessionMadeEvent(log *types.Log) (*SessionSenderSessionMade, error) {
	event := "SessionMade"
	if len(log.Topics) == 0 || log.Topics[0] != sessionSender.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(SessionSenderSessionMade)
	if len(log.Data) > 0 {
		if err := sessionSender.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range sessionSender.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (sessionSender *SessionSender) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], sessionSender.abi.Errors["BadParticipant"].ID.Bytes()[:4]) {
		return sessionSender.UnpackBadParticipantError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionSender.abi.Errors["KeySize"].ID.Bytes()[:4]) {
		return sessionSender.UnpackKeySizeError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionSender.abi.Errors["NoCiphertext"].ID.Bytes()[:4]) {
		return sessionSender.UnpackNoCiphertextError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionSender.abi.Errors["NoDeadline"].ID.Bytes()[:4]) {
		return sessionSender.UnpackNoDeadlineError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionSender.abi.Errors["NoSequence"].ID.Bytes()[:4]) {
		return sessionSender.UnpackNoSequenceError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionSender.abi.Errors["NoSession"].ID.Bytes()[:4]) {
		return sessionSender.UnpackNoSessionError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionSender.abi.Errors["NoTranscript"].ID.Bytes()[:4]) {
		return sessionSender.UnpackNoTranscriptError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionSender.abi.Errors["NotOwner"].ID.Bytes()[:4]) {
		return sessionSender.UnpackNotOwnerError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionSender.abi.Errors["TooLong"].ID.Bytes()[:4]) {
		return sessionSender.UnpackTooLongError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionSender.abi.Errors["TooManyParticipants"].ID.Bytes()[:4]) {
		return sessionSender.UnpackTooManyParticipantsError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// SessionSenderBadParticipant represents a BadParticipant error raised by the SessionSender contract.
type SessionSenderBadParticipant struct {
	Got [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error BadParticipant(bytes32 got)
func SessionSenderBadParticipantErrorID() common.Hash {
	return common.HexToHash("0xaec7d12d560a32dc82681ad3435cb54b6e40c18570f7bfc754772ef88dc23dc5")
}

// UnpackBadParticipantError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error BadParticipant(bytes32 got)
func (sessionSender *SessionSender) UnpackBadParticipantError(raw []byte) (*SessionSenderBadParticipant, error) {
	out := new(SessionSenderBadParticipant)
	if err := sessionSender.abi.UnpackIntoInterface(out, "BadParticipant", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionSenderKeySize represents a KeySize error raised by the SessionSender contract.
type SessionSenderKeySize struct {
	Expected *big.Int
	Got      *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error KeySize(uint256 expected, uint256 got)
func SessionSenderKeySizeErrorID() common.Hash {
	return common.HexToHash("0x9fc2cdcb879f3a32d2bcc62d2c821c17062233fad58b907c334f8ca091a72c54")
}

// UnpackKeySizeError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error KeySize(uint256 expected, uint256 got)
func (sessionSender *SessionSender) UnpackKeySizeError(raw []byte) (*SessionSenderKeySize, error) {
	out := new(SessionSenderKeySize)
	if err := sessionSender.abi.UnpackIntoInterface(out, "KeySize", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionSenderNoCiphertext represents a NoCiphertext error raised by the SessionSender contract.
type SessionSenderNoCiphertext struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NoCiphertext()
func SessionSenderNoCiphertextErrorID() common.Hash {
	return common.HexToHash("0xfd4e7b17e32fcb94e4cbd1daada7144db9e65f83a1885a15448820ac5e988246")
}

// UnpackNoCiphertextError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NoCiphertext()
func (sessionSender *SessionSender) UnpackNoCiphertextError(raw []byte) (*SessionSenderNoCiphertext, error) {
	out := new(SessionSenderNoCiphertext)
	if err := sessionSender.abi.UnpackIntoInterface(out, "NoCiphertext", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionSenderNoDeadline represents a NoDeadline error raised by the SessionSender contract.
type SessionSenderNoDeadline struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NoDeadline()
func SessionSenderNoDeadlineErrorID() common.Hash {
	return common.HexToHash("0x29b397b67b8b3aaf1e2ae6684b504bd232d71ccac3f00cf9e92b41c3e59e4bec")
}

// UnpackNoDeadlineError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NoDeadline()
func (sessionSender *SessionSender) UnpackNoDeadlineError(raw []byte) (*SessionSenderNoDeadline, error) {
	out := new(SessionSenderNoDeadline)
	if err := sessionSender.abi.UnpackIntoInterface(out, "NoDeadline", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionSenderNoSequence represents a NoSequence error raised by the SessionSender contract.
type SessionSenderNoSequence struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NoSequence()
func SessionSenderNoSequenceErrorID() common.Hash {
	return common.HexToHash("0x603e4c2dae8037611bfd4bd508c63bc3cfd932bd6889de293f19b42a5890cffc")
}

// UnpackNoSequenceError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NoSequence()
func (sessionSender *SessionSender) UnpackNoSequenceError(raw []byte) (*SessionSenderNoSequence, error) {
	out := new(SessionSenderNoSequence)
	if err := sessionSender.abi.UnpackIntoInterface(out, "NoSequence", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionSenderNoSession represents a NoSession error raised by the SessionSender contract.
type SessionSenderNoSession struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NoSession()
func SessionSenderNoSessionErrorID() common.Hash {
	return common.HexToHash("0xaabbee6898362528eca62b42f8b9040fbbc894f7fa5f2778e4d51ea3ef028b1a")
}

// UnpackNoSessionError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NoSession()
func (sessionSender *SessionSender) UnpackNoSessionError(raw []byte) (*SessionSenderNoSession, error) {
	out := new(SessionSenderNoSession)
	if err := sessionSender.abi.UnpackIntoInterface(out, "NoSession", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionSenderNoTranscript represents a NoTranscript error raised by the SessionSender contract.
type SessionSenderNoTranscript struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NoTranscript()
func SessionSenderNoTranscriptErrorID() common.Hash {
	return common.HexToHash("0x8fb40b2b3fdd75a4a0438167ac9427388a03065921829b0f68fde633ffe8bed0")
}

// UnpackNoTranscriptError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NoTranscript()
func (sessionSender *SessionSender) UnpackNoTranscriptError(raw []byte) (*SessionSenderNoTranscript, error) {
	out := new(SessionSenderNoTranscript)
	if err := sessionSender.abi.UnpackIntoInterface(out, "NoTranscript", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionSenderNotOwner represents a NotOwner error raised by the SessionSender contract.
type SessionSenderNotOwner struct {
	Owner common.Address
	Got   common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotOwner(address owner, address got)
func SessionSenderNotOwnerErrorID() common.Hash {
	return common.HexToHash("0x23295f0e104d137d137555eb51dbe25a9e6827007f9feb6ae8bb562312e3e202")
}

// UnpackNotOwnerError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotOwner(address owner, address got)
func (sessionSender *SessionSender) UnpackNotOwnerError(raw []byte) (*SessionSenderNotOwner, error) {
	out := new(SessionSenderNotOwner)
	if err := sessionSender.abi.UnpackIntoInterface(out, "NotOwner", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionSenderTooLong represents a TooLong error raised by the SessionSender contract.
type SessionSenderTooLong struct {
	Most *big.Int
	Got  *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error TooLong(uint256 most, uint256 got)
func SessionSenderTooLongErrorID() common.Hash {
	return common.HexToHash("0xad8e4f3c02445389d1fc949112448bfe96a0eef67cb5f3def1a137d96f1fdc75")
}

// UnpackTooLongError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error TooLong(uint256 most, uint256 got)
func (sessionSender *SessionSender) UnpackTooLongError(raw []byte) (*SessionSenderTooLong, error) {
	out := new(SessionSenderTooLong)
	if err := sessionSender.abi.UnpackIntoInterface(out, "TooLong", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SessionSenderTooManyParticipants represents a TooManyParticipants error raised by the SessionSender contract.
type SessionSenderTooManyParticipants struct {
	Most *big.Int
	Got  *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error TooManyParticipants(uint256 most, uint256 got)
func SessionSenderTooManyParticipantsErrorID() common.Hash {
	return common.HexToHash("0xe3185778ad17ff7b15bacd7c1c51b7ec3f7f2703e35b6254318ff6735b963377")
}

// UnpackTooManyParticipantsError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error TooManyParticipants(uint256 most, uint256 got)
func (sessionSender *SessionSender) UnpackTooManyParticipantsError(raw []byte) (*SessionSenderTooManyParticipants, error) {
	out := new(SessionSenderTooManyParticipants)
	if err := sessionSender.abi.UnpackIntoInterface(out, "TooManyParticipants", raw); err != nil {
		return nil, err
	}
	return out, nil
}
