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
	Payer     common.Address
	Payee     common.Address
	Amount    *big.Int
	Session   [32]byte
	Message   [32]byte
	Reader    [32]byte
	Deadline  uint64
	MinHeight uint64
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

// SessionEscrowMetaData contains all meta data concerning the SessionEscrow contract.
var SessionEscrowMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"chain_\",\"type\":\"bytes32\"}],\"stateMutability\":\"nonpayable\",\"type\":\"constructor\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"}],\"name\":\"AlreadySettled\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"deadline\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"timestamp\",\"type\":\"uint64\"}],\"name\":\"BeforeDeadline\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"expected\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"got\",\"type\":\"uint64\"}],\"name\":\"HeightTooLow\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"Malformed\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NoReceiptNeeded\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"}],\"name\":\"NoSuchDeposit\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NotADelivery\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NotAProof\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NotNeighbours\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"sequence\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"read\",\"type\":\"uint64\"}],\"name\":\"NotRead\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NotTaken\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint32\",\"name\":\"index\",\"type\":\"uint32\"}],\"name\":\"NotVerified\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NothingDeposited\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"reader\",\"type\":\"bytes32\"}],\"name\":\"ReceiptNeeded\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"sequence\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"read\",\"type\":\"uint64\"}],\"name\":\"WasRead\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"sequence\",\"type\":\"uint256\"}],\"name\":\"WasSaid\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongChain\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongHeader\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes\",\"name\":\"expected\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"got\",\"type\":\"bytes\"}],\"name\":\"WrongKey\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongMessage\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongRoot\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongSession\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongTranscript\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"message\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"payee\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"address\",\"name\":\"payer\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"}],\"name\":\"Deposited\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"}],\"name\":\"Paid\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"}],\"name\":\"Refunded\",\"type\":\"event\"},{\"inputs\":[],\"name\":\"chain\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"},{\"internalType\":\"uint32\",\"name\":\"index\",\"type\":\"uint32\"}],\"name\":\"claim\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"},{\"internalType\":\"uint32\",\"name\":\"index\",\"type\":\"uint32\"},{\"internalType\":\"bytes\",\"name\":\"header\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"message\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"receipt\",\"type\":\"bytes\"}],\"name\":\"claimRead\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"addresspayable\",\"name\":\"payee\",\"type\":\"address\"},{\"internalType\":\"bytes32\",\"name\":\"session\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"message\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"reader\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"deadline\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"minHeight\",\"type\":\"uint64\"}],\"name\":\"deposit\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"}],\"stateMutability\":\"payable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"}],\"name\":\"deposits\",\"outputs\":[{\"components\":[{\"internalType\":\"addresspayable\",\"name\":\"payer\",\"type\":\"address\"},{\"internalType\":\"addresspayable\",\"name\":\"payee\",\"type\":\"address\"},{\"internalType\":\"uint256\",\"name\":\"amount\",\"type\":\"uint256\"},{\"internalType\":\"bytes32\",\"name\":\"session\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"message\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"reader\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"deadline\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"minHeight\",\"type\":\"uint64\"}],\"internalType\":\"structSessionEscrow.Deposit\",\"name\":\"\",\"type\":\"tuple\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"},{\"internalType\":\"uint32\",\"name\":\"index\",\"type\":\"uint32\"},{\"internalType\":\"bytes\",\"name\":\"header\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"proof\",\"type\":\"bytes\"},{\"components\":[{\"internalType\":\"bytes32\",\"name\":\"message\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"timestamp\",\"type\":\"uint64\"}],\"internalType\":\"structSessionState.Said[]\",\"name\":\"said\",\"type\":\"tuple[]\"}],\"name\":\"refund\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"id\",\"type\":\"uint256\"},{\"internalType\":\"uint32\",\"name\":\"index\",\"type\":\"uint32\"},{\"internalType\":\"bytes\",\"name\":\"header\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"receipt\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"message\",\"type\":\"bytes\"}],\"name\":\"refundUnread\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"}]",
	ID:  "SessionEscrow",
	Bin: "0x60a034606557601f61289e38819003918201601f19168301916001600160401b0383118484101760695780849260209460405283398101031260655751608052604051612820908161007e823960805181818161046701528181610a7f01526118400152f35b5f80fd5b634e487b7160e01b5f52604160045260245ffdfe60806040526004361015610011575f80fd5b5f3560e01c80631cc928da14610a495780631f45f9f6146107cb5780635310d028146106d457806364eceeee146105cd578063b02c43d01461048a578063c763e5a1146104505763f41611e414610066575f80fd5b3461044c5760a060031936011261044c57600435610082610dcf565b60443567ffffffffffffffff811161044c576100a2903690600401610de2565b60643567ffffffffffffffff811161044c576100c2903690600401610de2565b9290916084359167ffffffffffffffff831161044c573660238401121561044c5782600401359167ffffffffffffffff831161044c576024840193602436918560061b01011161044c576101209161011989611054565b9788611207565b90600386015492604051937f0300000000000000000000000000000000000000000000000000000000000000602086015280602186015260218552610166604186610fbe565b6101708787611275565b156101cb57505050926101a5949261019d9273ffffffffffffffffffffffffffffffffffffffff95611619565b541682611170565b7f3d2a04f53164bedf9a8a46353305d6b2d2261410406df3b41f99ce6489dc003c5f80a2005b61020a6101e35f949861027d94986020988998611a6b565b85876040949394516101f481610f86565b828152015261020381846125f4565b5092611fd8565b95869167ffffffffffffffff6040519161022383610f86565b1681520152604051848101917f73657373696f6e766d2f7472616e7363726970742f7631000000000000000000835284603783015260388201526038815261026c605882610fbe565b6040519283928392519283916110d1565b8101039060025afa15610441575f51905f5b84811061037f5750808203610351575050600483015490915f5b8181106102d2575050505073ffffffffffffffffffffffffffffffffffffffff6101a59161019d565b826102de828487611037565b35146001820190818311610324576102f957506001016102a9565b7f6f570517000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b7f986f42b8000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b9161038b838686611037565b356020610399858888611037565b013567ffffffffffffffff8116810361044c576020925f927fffffffffffffffff0000000000000000000000000000000000000000000000006104299360405192878401947f73657373696f6e766d2f7472616e7363726970742f763100000000000000000086528760378601526038850152605884015260c01b1660788201526060815261026c608082610fbe565b8101039060025afa156104415760015f51920161028f565b6040513d5f823e3d90fd5b5f80fd5b3461044c575f60031936011261044c5760206040517f00000000000000000000000000000000000000000000000000000000000000008152f35b3461044c57602060031936011261044c575f60e06040516104aa81610f69565b8281528260208201528260408201528260608201528260808201528260a08201528260c082015201526101006104e1600435611a2a565b67ffffffffffffffff604051916104f783610f69565b8173ffffffffffffffffffffffffffffffffffffffff8254169384815273ffffffffffffffffffffffffffffffffffffffff60018401541692602082019384526002810154604083019081526003820154606084019081526004830154916080850192835273ffffffffffffffffffffffffffffffffffffffff600660058601549560a088019687520154978760e060c0890198828c168a52019960401c1689526040519a8b52511660208a01525160408901525160608801525160808701525160a0860152511660c0840152511660e0820152f35b3461044c576105db36610e10565b906105ec8897939597969496611054565b966005880154156106ac5767ffffffffffffffff956040610616610620938998610627988d611831565b015197888a61134e565b95876112d4565b921691169080821061067e578361065873ffffffffffffffffffffffffffffffffffffffff60018601541682611170565b7f581d416ae9dff30c9305c2b35cb09ed5991897ab97804db29ccf92678e9531605f80a2005b7f014dc2c3000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b7fc0de684e000000000000000000000000000000000000000000000000000000005f5260045ffd5b3461044c576106e236610e10565b909293956106f288969396611054565b9660058801549384156106ac576107099289611207565b926107148686611275565b1561074e57505092849261019d9261074873ffffffffffffffffffffffffffffffffffffffff9660036101a59901546114b3565b90611619565b610771925061076a849667ffffffffffffffff9687968a6112d4565b958761134e565b169116908082101561079d57505073ffffffffffffffffffffffffffffffffffffffff6101a59161019d565b7f05e0eb7b000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b60c060031936011261044c5760043573ffffffffffffffffffffffffffffffffffffffff811680910361044c57604435906084359067ffffffffffffffff821680920361044c5760a4359267ffffffffffffffff841680940361044c573415610a21575f54926040519461083e86610f69565b338652602086019584875260408101963488526060820160243581526080830186815260a0840190606435825260c0850196875260e08501958652680100000000000000008a10156109f45760018a015f556108998a610fff565b9390936109c85760209b73ffffffffffffffffffffffffffffffffffffffff600696818067ffffffffffffffff9a5116167fffffffffffffffffffffffff0000000000000000000000000000000000000000885416178755511673ffffffffffffffffffffffffffffffffffffffff6001870191167fffffffffffffffffffffffff0000000000000000000000000000000000000000825416179055516002850155516003840155516004830155516005820155019251167fffffffffffffffffffffffffffffffff000000000000000000000000000000006fffffffffffffffff00000000000000008454935160401b16921617179055827fa3e98a6529ca62381708481bcfc11718a98a36103eb6ffcb2f0f0763eb2851e2604080513381523488820152a4604051908152f35b7f4e487b71000000000000000000000000000000000000000000000000000000005f525f60045260245ffd5b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b7f69b95dc9000000000000000000000000000000000000000000000000000000005f5260045ffd5b3461044c57604060031936011261044c57600435610a65610dcf565b610a6e82611054565b90600582015480610da457506040517f00000000000000000000000000000000000000000000000000000000000000009260c0820167ffffffffffffffff8111838210176109f4576040525f825260208201925f845260408301945f865260608401945f865260808501905f825260a08601935f8552604051907f6f82535000000000000000000000000000000000000000000000000000000000825263ffffffff811660048301525f826024817302000000000000000000000000000000000000055afa8015610441575f925f91610cba575b5090610b4d916110ff565b610b5b815185808214611139565b604081015193845160b181149081610c75575b5015610c4d578473ffffffffffffffffffffffffffffffffffffffff9594602094610ba460b19460218a99015190808214611139565b604183015160c01c8b526049830151905260698201518c5260898201518b5260a982015160c01c90520151809552015116911603610c4d57610c4467ffffffffffffffff600193610c2773ffffffffffffffffffffffffffffffffffffffff96610c1961065899516003880154808214610e9a565b516004860154808214610ed1565b511667ffffffffffffffff600684015460401c1680821015610f08565b01541682611170565b7fecb1f7af000000000000000000000000000000000000000000000000000000005f5260045ffd5b905015610c8d576001602086015160f81c148c610b6e565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b9250503d805f843e610ccc8184610fbe565b82019060408383031261044c57825167ffffffffffffffff811161044c5783019260608484031261044c5760405193610d0485610f4d565b80518552602081015173ffffffffffffffffffffffffffffffffffffffff8116810361044c57602086015260408101519067ffffffffffffffff821161044c57019083601f8301121561044c57815190610d5d82611097565b94610d6b6040519687610fbe565b8286526020838501011161044c5784610d92602093610d9d958580610b4d9a0191016110d1565b6040870152016110f2565b9091610b42565b7fe1363756000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b6024359063ffffffff8216820361044c57565b9181601f8401121561044c5782359167ffffffffffffffff831161044c576020838186019501011161044c57565b60a060031982011261044c576004359160243563ffffffff8116810361044c579160443567ffffffffffffffff811161044c5781610e5091600401610de2565b9290929160643567ffffffffffffffff811161044c5781610e7391600401610de2565b929092916084359067ffffffffffffffff821161044c57610e9691600401610de2565b9091565b15610ea3575050565b7fa19643b9000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b15610eda575050565b7fae479181000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b15610f11575050565b9067ffffffffffffffff80927f84c1103e000000000000000000000000000000000000000000000000000000005f52166004521660245260445ffd5b6060810190811067ffffffffffffffff8211176109f457604052565b610100810190811067ffffffffffffffff8211176109f457604052565b6040810190811067ffffffffffffffff8211176109f457604052565b60a0810190811067ffffffffffffffff8211176109f457604052565b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff8211176109f457604052565b5f54811015610c8d575f8080526007919091027f290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e5630191565b9190811015610c8d5760061b0190565b9190820180921161032457565b9061105e82611a2a565b9160028301541561106c5750565b7f8fec535e000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b67ffffffffffffffff81116109f457601f017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe01660200190565b5f5b8381106110e25750505f910152565b81810151838201526020016110d3565b5190811515820361044c57565b156111075750565b63ffffffff907fc4fab876000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b15611142575050565b7fe894bab4000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b5f8080939273ffffffffffffffffffffffffffffffffffffffff82948360026111a58161119c87610fff565b50015495610fff565b500155165af13d15611202573d6111bb81611097565b906111c96040519283610fbe565b81525f60203d92013e5b156111da57565b7fc02791fe000000000000000000000000000000000000000000000000000000005f5260045ffd5b6111d3565b9290916112149284611831565b9067ffffffffffffffff6006816020850151169201541680821061123b5750506040015190565b7ffc7901e6000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b90821015610c8d570190565b9015908115918261128557505090565b909150610c8d57357fff00000000000000000000000000000000000000000000000000000000000000167f12000000000000000000000000000000000000000000000000000000000000001490565b906112ee6112f494939260056003820154910154906114b3565b90611a6b565b906112fd611813565b50604061132a67ffffffffffffffff6113168585612664565b50169361132381856126c9565b5093612074565b9167ffffffffffffffff82519161134083610f4d565b858352166020820152015290565b9392909161135b92611a8e565b9092600983969314958661145d575b50506004820154941561142d579060036114289261141c67ffffffffffffffff96975f608060405161139b81610fa2565b82815282602082015282604082015282606082015201526113bc8388612081565b908760808a6113ea6113ce888561208e565b976113e3816113dd818861209b565b9661272e565b509c6125f4565b50604051936113f885610fa2565b86855260208501988952604085015281606085019c168c5216910152808214610ed1565b51910154808214610e9a565b511690565b847fae479181000000000000000000000000000000000000000000000000000000005f526004525f60245260445ffd5b9091955015610c8d57357fff00000000000000000000000000000000000000000000000000000000000000167f040000000000000000000000000000000000000000000000000000000000000014935f8061136a565b90604051917f0500000000000000000000000000000000000000000000000000000000000000602084015260218301526041820152604181526114f7606182610fbe565b90565b92919261150682611097565b916115146040519384610fbe565b82948184528183011161044c578281602093845f960137010152565b9290921561153d57505050565b9160646020927fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f866115b3978383876040519b8c809b7f4f761816000000000000000000000000000000000000000000000000000000008252604060048301528d81519483866044819601520191016110d1565b01168701946003198789880301016024890152818787015260848601375f878683870101015201160101030190fd5b156115eb575050565b7fa864586d000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b929190821515806117ff575b1561174a57611636600184846120b5565b9390926116438583611acd565b841161174a5761166261166a91868461165c8883611047565b92611ada565b949095611047565b0361174a576116798284611af2565b95906116a18184899661168d3684846114fa565b602081519101208151602083012014611530565b5f956601000000000000978681101561174a577f12000000000000000000000000000000000000000000000000000000000000007fff00000000000000000000000000000000000000000000000000000000000000611701838a86611269565b3516146117bc575b50858510611772575b505050500361174a570361172257565b7fdb84eee4000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f7c01d2d9000000000000000000000000000000000000000000000000000000005f5260045ffd5b61179197509061178a6117a99495876117a494611b96565b9991611bf8565b98939592969150508751908082146115e2565b611f05565b156117225760200151925f808080611712565b8197506117db9550826117d46117ef92898895611b56565b9891611bf8565b80979492506117a4915051898082146115e2565b156117225760400151955f611709565b508215610c8d57813560f81c601214611625565b6040519061182082610f4d565b5f6040838281528260208201520152565b9392919061183d611813565b507f0000000000000000000000000000000000000000000000000000000000000000611867611813565b50604051917fce7f592900000000000000000000000000000000000000000000000000000000835263ffffffff811660048401526060836024817302000000000000000000000000000000000000055afa8015610441575f935f916119c2575b506118e192916118d6916110ff565b825190808214611139565b60205f6040518585823780868101838152039060025afa156104415760205f5191015160205f6040518686823780878101838152039060025afa1561044157805f5192036119945750509067ffffffffffffffff600661199293611943611813565b5061196683611952868461272e565b50169461195f81846125f4565b50926120a8565b836040519261197484610f4d565b868452166020830152604082015295015460401c1680821015610f08565b565b7f340b3b5e000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b935050908260603d606011611a23575b6119dc8183610fbe565b8101036060811261044c5760401361044c576118d66118e192611a1a6040805196611a0688610f86565b8051885260208101516020890152016110f2565b915091926118c7565b503d6119d2565b5f54811015611a4057611a3c90610fff565b5090565b7f8d61adb6000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b92611a7b9192611a8a9594611a8e565b9592909361168d3684846114fa565b9190565b9082611a9c91949394611af2565b9490940361174a5761199293611aba91611ab4611813565b50611bf8565b95929691949093969551908082146115e2565b9190820391821161032457565b9093929384831161044c57841161044c578101920390565b909182151580611b42575b1561174a57611b0e600184846120b5565b929093611b1b8482611acd565b851161174a57611b3c9184611b349261165c8883611047565b949093611047565b91929190565b508215610c8d57813560f81c600a14611afd565b9192909283811080611b7e575b1561174a576001810180911161032457611b0e9084846120b5565b506012611b8c828686611269565b3560f81c14611b63565b9192909283811080611bbd571561174a576001810180911161032457611b0e9084846120b5565b50601a611b8c828686611269565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff81146103245760010190565b918291611c03611813565b91611c0e8285611af2565b8293919390611c1f8591878a611b56565b91969095611c3088938a899d611b96565b9884151580611efb575b80611ef2575b1561174a576006821180611e9e575b1561174a578160061080611e89575b1561174a57611c6f600783856120b5565b929093611c7c8483611acd565b851161174a57611c95611c9d91858461165c8983611047565b959094611047565b0361174a57611cac838361218b565b9a8b511580611e7b575b80611e6e575b1561174a57815f9160209360405192839283378101838152039060025afa15610441578361026c60216001611d6e955f976020809a8a519260405198858a968588019c8d378601917fff000000000000000000000000000000000000000000000000000000000000008260f81b1685840152888301370101907f200000000000000000000000000000000000000000000000000000000000000084830152600282015203016001810184520182610fbe565b8101039060025afa15610441575f5188525f945b8781108015611e3857603087101561174a578b90828a82611e1d575b505090501561174a576001810180911161032457611dbd90888c6120b5565b95611dc8878a611acd565b821161174a57611df982611df0611de88f8b8e61165c611e059983611047565b92909a611047565b988a8d51612204565b908b52611e0b57611bcb565b94611d82565b60208a016001821b8151179052611bcb565b611e2a9250602293611269565b3560f81c148b90828a611d9e565b50509694509694509650906030036030811161032457611e6790600160208501918251811b8093521b90611047565b6040830152565b508360608d015114611cbc565b50600160208d015114611cb6565b15610c8d57602a600684013560f81c14611c5e565b508160061161044c577f08011801200100000000000000000000000000000000000000000000000000007fffffffffffff000000000000000000000000000000000000000000000000000084351614611c4f565b50801515611c40565b5060808510611c3a565b92905f5b81811080611fcf575b15611fc7577fff00000000000000000000000000000000000000000000000000000000000000611f43828488611269565b35167fff00000000000000000000000000000000000000000000000000000000000000611f71838688611269565b351603611f8657611f8190611bcb565b611f09565b90917fff00000000000000000000000000000000000000000000000000000000000000611fb983611fc195839798611269565b351694611269565b35161190565b501092915050565b50828110611f12565b90611fe5605a8284612793565b90801561206c576020036120445760208101918282116103245761200893611ada565b90359060208110612017575090565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9060200360031b1b1690565b7f07b6ad3f000000000000000000000000000000000000000000000000000000005f5260045ffd5b505050505f90565b90611fe560228284612793565b90611fe5600a8284612793565b90611fe560128284612793565b90611fe5601a8284612793565b90611fe560328284612793565b9192905f905f5b604081106120ec577f07b6ad3f000000000000000000000000000000000000000000000000000000005f5260045ffd5b818610156120445761210861210087611bcb565b968387611269565b3560f81c92607f8416821b179260808110612157575060078101809111156120bc577f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b9150919293501590811591612182575b5080612177575b15612044579190565b508060401c1561216e565b9050155f612167565b9190604051906080820182811067ffffffffffffffff8211176109f4576040525f825260208201915f835260408101925f845260608201925f845282966121d35f83836120b5565b6001821661174a576121f6956121ef9260011c90528383612804565b9352612804565b9252600c82101561174a5752565b9260028111806125a0575b1561174a57806002108061258b575b1561174a5761222f600382856120b5565b91909261223c8383611acd565b841161174a5761225a611c956122528686611047565b858589611ada565b90612265858561218b565b80518251108061257a575b80612568575b1561174a576060816122a4938893519060208301516040840151604083015260208201525201518186611ada565b918381146124585783811080612440575b1561174a5760018101809111610324576122d09084886120b5565b9390966122dd8583611acd565b881161174a576122f66122fe91868461165c8c83611047565b989095611047565b0361174a576001821491826123ec575b5050806123e2575b80612390575b1561174a5761026c602061237d94818781995f99604051978589968688019b8c378601928584015260408301370101878382015203017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08101835282610fbe565b8101039060025afa15610441575f805191565b508315610c8d577f20000000000000000000000000000000000000000000000000000000000000007fff000000000000000000000000000000000000000000000000000000000000008235161461231c565b5060218414612316565b90915015610c8d57357fff00000000000000000000000000000000000000000000000000000000000000167f2000000000000000000000000000000000000000000000000000000000000000145f8061230e565b50601a61244e82868a611269565b3560f81c146122b5565b50915091949350602282149182612514575b826124ba575b50501561174a576020925f9261026c85806124a595604051948186928484019889378201908382015203018084520182610fbe565b8101039060025afa15610441575f5190600190565b90915060211015610c8d57602101357fff00000000000000000000000000000000000000000000000000000000000000167f2000000000000000000000000000000000000000000000000000000000000000145f80612470565b80925015610c8d577f20000000000000000000000000000000000000000000000000000000000000007fff00000000000000000000000000000000000000000000000000000000000000823516149161246a565b50604081015160408301511115612276565b506020810151602083015110612270565b15610c8d576012600284013560f81c1461221e565b508060021161044c577f08010000000000000000000000000000000000000000000000000000000000007fffff0000000000000000000000000000000000000000000000000000000000008435161461220f565b5f5b828110612606575050505f905f90565b612611818484611269565b3560f81c90600181018091116103245761262c9084846120b5565b9182826028831461265957505060071660021461264a575b506125f6565b61265391611047565b5f612644565b969095509350505050565b5f5b828110612676575050505f905f90565b612681818484611269565b3560f81c90600181018091116103245761269c9084846120b5565b918282600883146126595750506007166002146126ba575b50612666565b6126c391611047565b5f6126b4565b5f5b8281106126db575050505f905f90565b6126e6818484611269565b3560f81c9060018101809111610324576127019084846120b5565b9182826010831461265957505060071660021461271f575b506126cb565b61272891611047565b5f612719565b5f5b828110612740575050505f905f90565b61274b818484611269565b3560f81c9060018101809111610324576127669084846120b5565b91828260208314612659575050600716600214612784575b50612730565b61278d91611047565b5f61277e565b5f5b8281106127a657505050505f905f90565b6127b1818484611269565b3560f81c9060018101809111610324576127cc9084846120b5565b9182828783146127f85750506007166002146127e9575b50612795565b6127f291611047565b5f6127e3565b97909650945050505050565b9061280f92916120b5565b91906001811661174a5760011c919056",
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

// PackClaimRead is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x64eceeee.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function claimRead(uint256 id, uint32 index, bytes header, bytes message, bytes receipt) returns()
func (sessionEscrow *SessionEscrow) PackClaimRead(id *big.Int, index uint32, header []byte, message []byte, receipt []byte) []byte {
	enc, err := sessionEscrow.abi.Pack("claimRead", id, index, header, message, receipt)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackClaimRead is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x64eceeee.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function claimRead(uint256 id, uint32 index, bytes header, bytes message, bytes receipt) returns()
func (sessionEscrow *SessionEscrow) TryPackClaimRead(id *big.Int, index uint32, header []byte, message []byte, receipt []byte) ([]byte, error) {
	return sessionEscrow.abi.Pack("claimRead", id, index, header, message, receipt)
}

// PackDeposit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x1f45f9f6.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function deposit(address payee, bytes32 session, bytes32 message, bytes32 reader, uint64 deadline, uint64 minHeight) payable returns(uint256 id)
func (sessionEscrow *SessionEscrow) PackDeposit(payee common.Address, session [32]byte, message [32]byte, reader [32]byte, deadline uint64, minHeight uint64) []byte {
	enc, err := sessionEscrow.abi.Pack("deposit", payee, session, message, reader, deadline, minHeight)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackDeposit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x1f45f9f6.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function deposit(address payee, bytes32 session, bytes32 message, bytes32 reader, uint64 deadline, uint64 minHeight) payable returns(uint256 id)
func (sessionEscrow *SessionEscrow) TryPackDeposit(payee common.Address, session [32]byte, message [32]byte, reader [32]byte, deadline uint64, minHeight uint64) ([]byte, error) {
	return sessionEscrow.abi.Pack("deposit", payee, session, message, reader, deadline, minHeight)
}

// UnpackDeposit is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x1f45f9f6.
//
// Solidity: function deposit(address payee, bytes32 session, bytes32 message, bytes32 reader, uint64 deadline, uint64 minHeight) payable returns(uint256 id)
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
// Solidity: function deposits(uint256 id) view returns((address,address,uint256,bytes32,bytes32,bytes32,uint64,uint64))
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
// Solidity: function deposits(uint256 id) view returns((address,address,uint256,bytes32,bytes32,bytes32,uint64,uint64))
func (sessionEscrow *SessionEscrow) TryPackDeposits(id *big.Int) ([]byte, error) {
	return sessionEscrow.abi.Pack("deposits", id)
}

// UnpackDeposits is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xb02c43d0.
//
// Solidity: function deposits(uint256 id) view returns((address,address,uint256,bytes32,bytes32,bytes32,uint64,uint64))
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

// SessionEscrowDeposited represents a Deposited event raised by the SessionEscrow contract.
type SessionEscrowDeposited struct {
	Id      *big.Int
	Message [32]byte
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
// Solidity: event Deposited(uint256 indexed id, bytes32 indexed message, address indexed payee, address payer, uint256 amount)
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
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["HeightTooLow"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackHeightTooLowError(raw[4:])
	}
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["Malformed"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackMalformedError(raw[4:])
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
	if bytes.Equal(raw[:4], sessionEscrow.abi.Errors["ReceiptNeeded"].ID.Bytes()[:4]) {
		return sessionEscrow.UnpackReceiptNeededError(raw[4:])
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

// SessionEscrowHeightTooLow represents a HeightTooLow error raised by the SessionEscrow contract.
type SessionEscrowHeightTooLow struct {
	Expected uint64
	Got      uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error HeightTooLow(uint64 expected, uint64 got)
func SessionEscrowHeightTooLowErrorID() common.Hash {
	return common.HexToHash("0x84c1103ecdb857d309791773a6f2f765f2118c2834e583ae0ab787c7e16c49e9")
}

// UnpackHeightTooLowError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error HeightTooLow(uint64 expected, uint64 got)
func (sessionEscrow *SessionEscrow) UnpackHeightTooLowError(raw []byte) (*SessionEscrowHeightTooLow, error) {
	out := new(SessionEscrowHeightTooLow)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "HeightTooLow", raw); err != nil {
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

// SessionEscrowReceiptNeeded represents a ReceiptNeeded error raised by the SessionEscrow contract.
type SessionEscrowReceiptNeeded struct {
	Reader [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ReceiptNeeded(bytes32 reader)
func SessionEscrowReceiptNeededErrorID() common.Hash {
	return common.HexToHash("0xe13637561709beafb878b4e1cba183e55dcd19511b64618bbe6faf07a01dedf9")
}

// UnpackReceiptNeededError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ReceiptNeeded(bytes32 reader)
func (sessionEscrow *SessionEscrow) UnpackReceiptNeededError(raw []byte) (*SessionEscrowReceiptNeeded, error) {
	out := new(SessionEscrowReceiptNeeded)
	if err := sessionEscrow.abi.UnpackIntoInterface(out, "ReceiptNeeded", raw); err != nil {
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
	Bin: "0x60a034605d57601f6116ed38819003918201601f19168301916001600160401b03831184841017606157808492602094604052833981010312605d57516080526040516116779081610076823960805181818160c80152610bcf0152f35b5f80fd5b634e487b7160e01b5f52604160045260245ffdfe6080806040526004361015610012575f80fd5b5f3560e01c9081635a82060c14610cae5750806380820b3114610bf2578063c763e5a114610b9a5763fbba73ef14610048575f80fd5b3461094a5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261094a5760043563ffffffff811680910361094a5760243567ffffffffffffffff811161094a573660238201121561094a5780600401359167ffffffffffffffff831161094a57366024848401011161094a577f00000000000000000000000000000000000000000000000000000000000000006040519160c0830183811067ffffffffffffffff821117610b6d576040525f835260208301915f83525f60408501525f60608501525f60808501525f60a0850152604051917f6f8253500000000000000000000000000000000000000000000000000000000083528060048401525f836024817302000000000000000000000000000000000000055afa80156108bb575f935f91610a57575b5015610a2c5750610195825182808214610dfc565b604082015190815160b181149081610a14575b50156109ec57602060b1836101dc73ffffffffffffffffffffffffffffffffffffffff959460218796015190808214610dfc565b604181015160c01c885260498101518752606981015160408901526089810151606089015260a981015160c01c60808901520151938460a08801520151169116036109ec5760608201515f525f602052600260405f20015467ffffffffffffffff8116159081156109c7575b506060830151901561099c575083156109915783602461026a92519401610f72565b94909194036105445761027b610e33565b50610284610e33565b9161028f8286610f72565b9192909184811080610979575b15610544576001810180911161056c576102b7908589611585565b926102c28487610ea2565b8211610544576102e86102e06102d88487610eaf565b86898d610e5d565b939095610eaf565b86811080610961575b15610544576001810180911161056c5761030c90878b611585565b9490956103198689610ea2565b8711610544576103406103388c888b6103328c83610eaf565b92610e5d565b989097610eaf565b9583151580610957575b8061094e575b156105445760068811806108f6575b156105445787600610806108e1575b156105445761037f60078983611585565b98909161038c8a83610ea2565b8311610544576103a56103ad918b846103328783610eaf565b93909a610eaf565b03610544576103bc8189610fce565b97885115806108d3575b806108c6575b156105445760205f6040518887823780898101838152039060025afa156108bb5761048d5f918661047c60216001602097875189868c60405198858a968588019c8d378601917fff000000000000000000000000000000000000000000000000000000000000008260f81b1685840152888301370101907f200000000000000000000000000000000000000000000000000000000000000084830152600282015203016001810184520182610d70565b604051928392839251928391610ddb565b8101039060025afa156108bb575f5189525f955b888110156105b4576030871015610544578b898210828b82610599575b50509050156105445760018101811161056c5760016104df9101898d611585565b966104ea888b610ea2565b82116105445761052082898f6105198f9c8f928f93916105119261033261052c9b83610eaf565b949093610eaf565b9b51611047565b908c5261053257610e75565b956104a1565b60208b016001821b8151179052610e75565b7f7c01d2d9000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b6105a69250602293610e51565b3560f81c148c90828b6104be565b50955095509591975095916030036030811161056c576105e390600160208401918251811b8093521b90610eaf565b6040820152519080820361088d5750506105fb610db1565b5067ffffffffffffffff61060f8584610ebc565b9261061a8682610f58565b9561063a6106288284610f65565b91610633818561143f565b50936114af565b50966040519561064987610d38565b86526020860152604085015216606083015267ffffffffffffffff608083019416845260098314928361080a575b5050816107fb575b6060840151905191156107cd5750505167ffffffffffffffff16905b60408101519160a08201519267ffffffffffffffff6080840151169167ffffffffffffffff60028186511693604051906106d482610d38565b8152602081019788526040810195865260608101948552826080820194169788855260608801515f525f60205260405f2091518255516001820155019351167fffffffffffffffff00000000000000000000000000000000000000000000000077ffffffffffffffff000000000000000000000000000000006fffffffffffffffff00000000000000008654955160401b16935160801b169316171717905560608101517f63d7c1e0344743a55c02371497b2bfaf35b8b5be1547a8f7555046c1b9310a13606060408401519360a08101519567ffffffffffffffff8060808401511692511660405192835260208301526040820152a4005b7fae479181000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b8051606085015114915061067f565b909192501561086057357fff00000000000000000000000000000000000000000000000000000000000000167f040000000000000000000000000000000000000000000000000000000000000014905f80610677565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b7fa864586d000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b6040513d5f823e3d90fd5b508160608a0151146103cc565b50600160208a0151146103c6565b1561086057602a600682013560f81c1461036e565b508760061161094a577f08011801200100000000000000000000000000000000000000000000000000007fffffffffffff00000000000000000000000000000000000000000000000000008235161461035f565b5f80fd5b50841515610350565b506080841061034a565b50601a61096f82898d610e51565b3560f81c146102f1565b50601261098782878b610e51565b3560f81c1461029c565b509150505f9061069b565b7f05a64c20000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b67ffffffffffffffff915060801c1615806109e3575b5f610248565b508315156109dd565b7fecb1f7af000000000000000000000000000000000000000000000000000000005f5260045ffd5b905015610860576001602083015160f81c145f6101a8565b7fc4fab876000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b9350503d805f853e610a698185610d70565b830160408482031261094a57835167ffffffffffffffff811161094a5784019360608583031261094a5760405194610aa086610d54565b80518652602081015173ffffffffffffffffffffffffffffffffffffffff8116810361094a57602087015260408101519067ffffffffffffffff821161094a57019180601f8401121561094a5782519267ffffffffffffffff8411610b6d5760405191610b3560207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f8801160184610d70565b8483526020858301011161094a57602093610b5591858085019101610ddb565b6040860152015192831515840361094a57925f610180565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b3461094a575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261094a5760206040517f00000000000000000000000000000000000000000000000000000000000000008152f35b3461094a5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261094a57610c29610db1565b506004355f525f60205260a060405f2067ffffffffffffffff60405191610c4f83610d38565b8181549384815281600260018501549460208401958652015493604083019082861682528260806060860195828960401c168752019660801c168652604051978852516020880152511660408601525116606084015251166080820152f35b3461094a5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261094a576040906004355f525f60205267ffffffffffffffff825f20600281015482811615159182610d28575b508115610d205760801c8216905b15158352166020820152f35b505f90610d14565b6001015460243514915085610d06565b60a0810190811067ffffffffffffffff821117610b6d57604052565b6060810190811067ffffffffffffffff821117610b6d57604052565b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff821117610b6d57604052565b60405190610dbe82610d38565b5f6080838281528260208201528260408201528260608201520152565b5f5b838110610dec5750505f910152565b8181015183820152602001610ddd565b15610e05575050565b7fe894bab4000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b60405190610e4082610d54565b5f6040838281528260208201520152565b90821015610860570190565b9093929384831161094a57841161094a578101920390565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff811461056c5760010190565b9190820391821161056c57565b9190820180921161056c57565b90610ec9600a8284611514565b908015610f5057602003610f2857602081019182821161056c57610eec93610e5d565b90359060208110610efb575090565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9060200360031b1b1690565b7f07b6ad3f000000000000000000000000000000000000000000000000000000005f5260045ffd5b505050505f90565b90610ec960128284611514565b90610ec9601a8284611514565b909182151580610fba575b1561054457610f8e60018484611585565b929093610f9b8482610ea2565b851161054457610fb49184610511926103328883610eaf565b91929190565b50821561086057813560f81c600a14610f7d565b9190604051906080820182811067ffffffffffffffff821117610b6d576040525f825260208201915f835260408101925f845260608201925f845282966110165f8383611585565b6001821661054457611039956110329260011c9052838361165b565b935261165b565b9252600c8210156105445752565b9260028111806113eb575b156105445780600210806113d6575b156105445761107260038285611585565b91909261107f8383610ea2565b8411610544576110a561109d6110958686610eaf565b858589610e5d565b959094610eaf565b906110b08585610fce565b8051825110806113c5575b806113b3575b15610544576060816110ef938893519060208301516040840151604083015260208201525201518186610e5d565b918381146112a3578381108061128b575b15610544576001810180911161056c5761111b908488611585565b9390966111288583610ea2565b8811610544576111416111499186846103328c83610eaf565b989095610eaf565b0361054457600182149182611237575b50508061122d575b806111db575b156105445761047c60206111c894818781995f99604051978589968688019b8c378601928584015260408301370101878382015203017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08101835282610d70565b8101039060025afa156108bb575f805191565b508315610860577f20000000000000000000000000000000000000000000000000000000000000007fff0000000000000000000000000000000000000000000000000000000000000082351614611167565b5060218414611161565b9091501561086057357fff00000000000000000000000000000000000000000000000000000000000000167f2000000000000000000000000000000000000000000000000000000000000000145f80611159565b50601a61129982868a610e51565b3560f81c14611100565b5091509194935060228214918261135f575b82611305575b505015610544576020925f9261047c85806112f095604051948186928484019889378201908382015203018084520182610d70565b8101039060025afa156108bb575f5190600190565b9091506021101561086057602101357fff00000000000000000000000000000000000000000000000000000000000000167f2000000000000000000000000000000000000000000000000000000000000000145f806112bb565b80925015610860577f20000000000000000000000000000000000000000000000000000000000000007fff0000000000000000000000000000000000000000000000000000000000000082351614916112b5565b506040810151604083015111156110c1565b5060208101516020830151106110bb565b15610860576012600284013560f81c14611061565b508060021161094a577f08010000000000000000000000000000000000000000000000000000000000007fffff00000000000000000000000000000000000000000000000000000000000084351614611052565b5f5b828110611451575050505f905f90565b61145c818484610e51565b3560f81c906001810180911161056c57611477908484611585565b918282602083146114a4575050600716600214611495575b50611441565b61149e91610eaf565b5f61148f565b969095509350505050565b5f5b8281106114c1575050505f905f90565b6114cc818484610e51565b3560f81c906001810180911161056c576114e7908484611585565b918282602883146114a4575050600716600214611505575b506114b1565b61150e91610eaf565b5f6114ff565b5f5b82811061152757505050505f905f90565b611532818484610e51565b3560f81c906001810180911161056c5761154d908484611585565b91828287831461157957505060071660021461156a575b50611516565b61157391610eaf565b5f611564565b97909650945050505050565b9192905f905f5b604081106115bc577f07b6ad3f000000000000000000000000000000000000000000000000000000005f5260045ffd5b81861015610f28576115d86115d087610e75565b968387610e51565b3560f81c92607f8416821b1792608081106116275750600781018091111561158c577f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b9150919293501590811591611652575b5080611647575b15610f28579190565b508060401c1561163e565b9050155f611637565b906116669291611585565b9190600181166105445760011c919056",
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
